import { parseDurationMs } from '../model/units.js'

/** Milliseconds of a duration flag; null when it was not given. @throws Refusal usage.argument */
export function durationMs(value: unknown, flag: string): number | null {
  return typeof value === 'string' ? parseDurationMs(value, flag) : null
}
