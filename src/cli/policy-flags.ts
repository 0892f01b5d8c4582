import { Refusal } from '../model/errors.js'

/** How many of a run's targets may fail: so many, or a share of them in percent. */
export type FailureBound = { count: number } | { percent: number }

/** The bound of `--max-failures`: `3` or `10%`. @throws Refusal usage.argument */
export function maxFailuresOf(text: string): FailureBound {
  const count = wholeOf(text)
  if (count !== null) return { count }
  const percent = text.trim().endsWith('%') ? percentOf(text) : null
  if (percent !== null) return { percent }
  throw nonsense('--max-failures', text, 'neither a number nor a share', 'write --max-failures 3 or --max-failures 10%')
}

/** The key of the tag that `--order` sorts into groups by. @throws Refusal usage.argument */
export function orderTagOf(text: string): string {
  const key = /^tag:([A-Za-z0-9._-]+)$/.exec(text.trim())?.[1]
  if (key !== undefined) return key
  throw nonsense('--order', text, 'no order', 'write --order tag:tier to go by the values of the tag tier, one after the other')
}

/** The percent of `--max-share`; null when it was not given. @throws Refusal usage.argument */
export function maxShareOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const percent = percentOf(text)
  if (percent !== null) return percent
  throw nonsense('--max-share', text, 'no share', 'write --max-share 25%')
}

/** The key of `--request-key`; a fresh one when it was not given. An empty one, of a variable that is not set, would answer for every run. @throws Refusal usage.argument */
export function requestKeyOf(text: string | undefined): string {
  // Loaded only by who needs it: completion reads flags of commands that it does not run.
  if (text === undefined) return process.getBuiltinModule('node:crypto').randomUUID()
  if (text.trim() !== '') return text
  throw nonsense('--request-key', text, 'no key', 'give one that names this request and no other, such as nightly-2010-07-28')
}

/** A share in percent, 0 to 100, with or without its sign; null when it is none. */
function percentOf(text: string): number | null {
  const match = /^(\d{1,3}(?:\.\d{1,9})?)%?$/.exec(text.trim())
  const percent = match ? Number(match[1]) : NaN
  return percent >= 0 && percent <= 100 ? percent : null
}

/** A whole number of at most nine digits; null when it is none. */
function wholeOf(text: string): number | null {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : null
}

function nonsense(flag: string, text: string, what: string, hint: string): Refusal {
  return new Refusal('usage.argument', `${flag}: ${JSON.stringify(text.slice(0, 80))} is ${what}`, hint)
}
