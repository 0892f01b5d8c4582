import { parseSizeMiB } from '../model/units.js'
import { Refusal } from './refusal.js'

/** MiB of a flag that gives a size: a whole number of MiB, or a size with its unit. @throws Refusal usage.argument */
export function sizeOf(text: string, flag: string): number {
  const mib = parseSizeMiB(text)
  if (mib !== null && Number.isInteger(mib) && mib >= 1) return mib
  throw new Refusal('usage.argument', `--${flag}: ${JSON.stringify(text.slice(0, 80))} is no size`, 'write whole MiB, such as 20480, or 20GiB')
}
