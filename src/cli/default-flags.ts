import type { Interfaces } from '@oclif/core'
import { Refusal } from '../model/errors.js'
import type { Default, Defaults } from './defaults.js'
import { listFlagNames } from './global-flags.js'

type AnyFlag = Interfaces.FlagInput[string]

/** What the defaults say of flags that were not given, checked by the flags' own rules; flags of lists only where there is a list. @throws Refusal usage.config */
export async function defaultFlags(defaults: Defaults, flags: Interfaces.FlagInput, given: ReadonlySet<string>, isList: boolean): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const [name, found] of defaults) {
    const flag = flags[name]
    if (!flag || given.has(name) || (!isList && listFlagNames.includes(name))) continue
    // One says the format: whichever was written on the command line.
    if (name === 'output' && given.has('json')) continue
    values[name] = flag.type === 'boolean' ? truth(found) : await optionValue(flag, found)
  }
  return values
}

function truth({ texts, source }: Default): boolean {
  const [text] = texts
  if (texts.length === 1 && /^(true|yes|1|on)$/i.test(text!)) return true
  if (texts.length === 1 && /^(false|no|0|off)$/i.test(text!)) return false
  throw bad(source, texts, 'neither true nor false')
}

async function optionValue(flag: AnyFlag & { type: 'option' }, { texts, source }: Default): Promise<unknown> {
  // A list in the configuration is a,b,c on the command line, unless the flag can be given more than once.
  const written = flag.multiple ? texts : [texts.join(',')]
  const values: unknown[] = []
  for (const text of written) {
    if (flag.options && !flag.options.includes(text)) throw bad(source, written, `none of ${flag.options.join(', ')}`)
    try {
      values.push(await flag.parse(text, {} as never, flag as never))
    } catch (error) {
      throw bad(source, written, `not what --${flag.name} takes: ${(error as Error).message.split('\n')[0]}`)
    }
  }
  return flag.multiple ? values : values[0]
}

function bad(source: string, texts: readonly string[], what: string): Refusal {
  return new Refusal('usage.config', `${source}: ${JSON.stringify(texts.join(',').slice(0, 80))} is ${what}`, 'mend it there, or give the flag on the command line')
}
