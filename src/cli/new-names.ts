import { Refusal } from './refusal.js'

/** The names that `--name NAME [--count N]` stands for. */
export { countedNames } from '../model/name-pattern.js'

/** The one name of what is to be made. @throws Refusal usage.argument */
export function oneNew(argv: readonly string[], what: string): string {
  if (argv.length === 1) return argv[0]!
  throw new Refusal('usage.argument', argv.length === 0 ? `no name of a ${what} was given` : `one name was expected, not ${argv.length}`, `write ${what} create NAME`)
}
