import { Refusal } from './errors.js'
import { formatTime, parseDurationMs } from './units.js'

const dayMs = 86_400_000
const earliestMs = Date.parse('0000-01-01T00:00:00.000Z')
const latestMs = Date.parse('9999-12-31T23:59:59.999Z')
/** How far the clock of a simulated farm goes: whatever is under way then still ends in a year of four digits. Milliseconds since 1970. */
export const lastClockMs = Date.parse('9000-01-01T00:00:00.000Z')
/** A duration with its units; parseDurationMs takes a bare number as well. */
const duration = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/
const pastShapes = 'write 2010-07-28T04:00:00Z, 2010-07-28 (midnight UTC), 04:00 (the last, UTC) or 90s, 5m, 1h (so long ago)'
const shapes = 'write 2010-07-28T04:00:00Z, 2010-07-28 (midnight UTC), 04:00 (the next, UTC) or +5m (from now)'

/**
 * Milliseconds since 1970 of a TIME of `--finish-by`: RFC 3339 (`2010-07-28T04:00:00Z`, an offset, a date
 * alone is midnight UTC), `HH:MM[:SS]` (the next such time of day UTC at or after now) or `+DURATION` from now.
 * @param nowMs the farm's clock @param what what the text is, for messages @throws Refusal usage.argument
 */
export function parseMomentMs(text: string, nowMs: number, what: string): number {
  const trimmed = text.trim()
  const ms = trimmed.startsWith('+') ? fromNow(trimmed.slice(1), nowMs, what) : (nextTimeOfDay(trimmed, nowMs) ?? timestamp(trimmed))
  if (ms === null) throw notATime(text, what)
  return bounded(ms, text, what, shapes)
}

/**
 * The same for a TIME that looks back, of `--since` and `--until`: a duration is so long ago, `HH:MM[:SS]` the last such time of
 * day UTC at or before now. @param nowMs the farm's clock @throws Refusal usage.argument
 */
export function parsePastMs(text: string, nowMs: number, what: string): number {
  const trimmed = text.trim()
  if (duration.test(trimmed)) return bounded(nowMs - parseDurationMs(trimmed, what), text, what, pastShapes)
  const next = nextTimeOfDay(trimmed, nowMs)
  const ms = next === null ? timestamp(trimmed) : next === nowMs ? next : next - dayMs
  if (ms === null) throw zoneless(text, what) ?? new Refusal('usage.argument', `${what}: ${shown(text)} is neither a time nor a duration`, pastShapes)
  return bounded(ms, text, what, pastShapes)
}

function bounded(ms: number, text: string, what: string, hint: string): number {
  if (ms >= earliestMs && ms <= latestMs) return ms
  throw new Refusal('usage.argument', `${what}: ${shown(text)} is not between the years 0 and 9999`, hint)
}

function fromNow(duration: string, nowMs: number, what: string): number | null {
  return /^\d/.test(duration) ? nowMs + parseDurationMs(duration, what) : null
}

function nextTimeOfDay(text: string, nowMs: number): number | null {
  const match = /^(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text)
  const timeMs = match && timeOfDayMs(match[1]!, match[2]!, match[3] ?? '00')
  if (timeMs === null) return null
  const today = Math.floor(nowMs / dayMs) * dayMs + timeMs
  return today >= nowMs ? today : today + dayMs
}

function timestamp(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2})))?$/.exec(text)
  if (!match) return null
  const [, date, hours, minutes, seconds, fraction, sign, offsetHours, offsetMinutes] = match
  const midnight = Date.parse(`${date}T00:00:00.000Z`)
  // Date.parse takes some days that are none, and means the next month.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return null
  if (hours === undefined) return midnight
  const timeMs = timeOfDayMs(hours, minutes!, seconds!)
  const offsetMs = sign === undefined ? 0 : timeOfDayMs(offsetHours!, offsetMinutes!, '00')
  if (timeMs === null || offsetMs === null) return null
  const fractionMs = Number((fraction ?? '').slice(0, 3).padEnd(3, '0'))
  return midnight + timeMs + fractionMs - (sign === '-' ? -offsetMs : offsetMs)
}

/** Leap seconds are refused: no clock here has any. */
function timeOfDayMs(hours: string, minutes: string, seconds: string): number | null {
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)]
  return h <= 23 && m <= 59 && s <= 59 ? ((h * 60 + m) * 60 + s) * 1_000 : null
}

function notATime(text: string, what: string): Refusal {
  const trimmed = text.trim()
  if (duration.test(trimmed)) return new Refusal('usage.argument', `${what}: ${shown(text)} is a duration, not a time`, `write +${trimmed.slice(0, 80)} for that long from now`)
  return zoneless(text, what) ?? new Refusal('usage.argument', `${what}: ${shown(text)} is not a time`, shapes)
}

function zoneless(text: string, what: string): Refusal | null {
  if (!/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text.trim())) return null
  return new Refusal('usage.argument', `${what}: ${shown(text)} has no time zone or no seconds`, `end it with :SSZ or an offset, as in ${formatTime(Date.UTC(2010, 6, 28, 4))} or 2010-07-28T06:00:00+02:00`)
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
