import { Refusal } from './errors.js'

const durationUnitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The longest that a duration may be, in milliseconds: a hundred years. */
export const longestDurationMs = 100 * 365 * 86_400_000

/** Milliseconds of a duration such as `90s`, `5m`, `1h30m`, `250ms`; a bare number is seconds. @throws Refusal usage.argument */
export function parseDurationMs(text: string, what: string): number {
  // Longer than any duration: not worth searching, which takes the square of its length.
  const trimmed = text.length > 80 ? '' : text.trim()
  if (/^\d+(\.\d+)?$/.test(trimmed)) return bounded(Number(trimmed) * 1_000)
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(part => part[0]).join('') !== trimmed) {
    throw new Refusal('usage.argument', `${what}: ${JSON.stringify(text.slice(0, 80))} is not a duration`, 'write 90s, 5m, 1h or 1h30m')
  }
  return bounded(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * durationUnitsMs[unit!]!, 0))

  function bounded(ms: number): number {
    if (ms <= longestDurationMs) return Math.round(ms)
    throw new Refusal('usage.argument', `${what}: ${JSON.stringify(text.slice(0, 80))} is longer than a hundred years`)
  }
}

const sizeUnitsMiB: Record<string, number> = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024, p: 1024 ** 3 }

/** MiB of a size such as `4GiB`, `512M`, `2048` (MiB); null when it is not a size. */
export function parseSizeMiB(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgtp])(?:i?b)?)?$/i.exec(text.trim())
  if (!match) return null
  return Number(match[1]) * (match[2] ? sizeUnitsMiB[match[2].toLowerCase()]! : 1)
}

/** A size for people: `512 MiB`, `4 GiB`, `1.5 TiB`. */
export function formatMiB(mib: number): string {
  if (Math.abs(mib) >= 1024 * 1024) return `${short(mib / 1024 / 1024)} TiB`
  if (Math.abs(mib) >= 1024) return `${short(mib / 1024)} GiB`
  return `${mib} MiB`
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** The most milliseconds before and after 1970 that are a time. */
const mostTimeMs = 8.64e15

/** A farm time, milliseconds since 1970, as RFC 3339 UTC; whole seconds carry no fraction. @throws Refusal store.corrupt for a record that holds no time */
export function formatTime(ms: number): string {
  if (!(Math.abs(ms) <= mostTimeMs)) throw new Refusal('store.corrupt', `the database holds ${ms} where a time belongs`, 'restore it from a backup, or move it away and make the farm anew')
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

/** Seconds with at most three decimals, from milliseconds. */
export function secondsOf(ms: number): number {
  return Math.round(ms) / 1_000
}
