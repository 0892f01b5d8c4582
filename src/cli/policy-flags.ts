import * as Flags from '@oclif/core/flags'
import { Refusal } from '../model/errors.js'
import { parseMomentMs } from '../model/moments.js'
import { durationMs } from './duration-flag.js'

/** Flags of a run's policy that are texts of their own; the functions below read them. */
export const policyFlags = {
  'max-failures': Flags.string({ helpValue: 'N|P%', description: 'begin nothing more when more than that have failed' }),
  canary: Flags.string({ helpValue: 'N', description: 'the first N alone; the rest only when all of them succeed' }),
  order: Flags.string({ helpValue: 'tag:KEY', description: 'groups by the value of this tag, one after the other' }),
  'finish-by': Flags.string({ helpValue: 'TIME', description: 'begin nothing that is not expected to end by then: 2010-07-28T04:00:00Z, 04:00 (UTC) or +2h, on the farm\'s clock' }),
  'lease-wait': Flags.string({ helpValue: 'DURATION', description: 'how long to wait for another change of the same guest to end (default 0s)' }),
  report: Flags.string({ helpValue: 'KIND=FILE', multiple: true, multipleNonGreedy: true, description: 'the report in a file too: junit=FILE or json=FILE' }),
}

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

/** How many targets go first by `--canary`, at least one. @throws Refusal usage.argument */
export function canaryOf(text: string): number {
  const count = wholeOf(text)
  if (count !== null && count > 0) return count
  throw nonsense('--canary', text, 'no number of targets', 'write --canary 1')
}

/** The key of the tag that `--order` sorts into groups by. @throws Refusal usage.argument */
export function orderOf(text: string): string {
  const key = /^tag:([A-Za-z0-9._-]+)$/.exec(text.trim())?.[1]
  if (key !== undefined) return key
  throw nonsense('--order', text, 'no order', 'write --order tag:tier to go by the values of the tag tier, one after the other')
}

/** Milliseconds since 1970 of `--finish-by`, on the farm's clock. @throws Refusal usage.argument when it is no time, or one that has passed */
export function finishByMsOf(text: string, nowMs: number): number {
  const ms = parseMomentMs(text, nowMs, '--finish-by')
  if (ms >= nowMs) return ms
  throw nonsense('--finish-by', text, 'in the past of the farm', 'write --finish-by 04:00 or --finish-by +2h; farm status shows its time')
}

/** Milliseconds of `--lease-wait`; none when it was not given. @throws Refusal usage.argument */
export function leaseWaitMsOf(text: string | undefined): number {
  return durationMs(text, '--lease-wait') ?? 0
}

/** A share in percent, 0 to 100, with or without its sign; null when it is none. */
export function percentOf(text: string): number | null {
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
