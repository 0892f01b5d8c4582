import { Refusal } from '../model/errors.js'
import { parseSizeMiB } from '../model/units.js'

/** MiB of the value of a flag: `2048`, or with a unit, such as `4GiB`. @throws Refusal usage.argument */
export function sizeOfFlag(given: string, flag: string): number {
  const mib = parseSizeMiB(given.slice(0, 40))
  if (mib !== null && Number.isSafeInteger(mib)) return mib
  throw new Refusal('usage.argument', `${flag}: ${JSON.stringify(given.slice(0, 40))} is no size in whole MiB`, 'write MiB, such as 2048, or with a unit, such as 4GiB')
}
