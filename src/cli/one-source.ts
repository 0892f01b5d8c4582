import { noNarrowing, type Selector } from '../contract/requests.js'
import { Refusal } from './refusal.js'

/** The selector of the one object that a verb works from. @throws Refusal usage.argument */
export function oneSource(argv: readonly string[], usage: string): Selector {
  if (argv.length !== 1) throw new Refusal('usage.argument', argv.length === 0 ? 'no source was named' : `one source was expected, not ${argv.length}`, `write ${usage}`)
  return { targets: [...argv], listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false }
}
