import { kindsWord, type RecordKind } from '../contract/fields.js'
import { Refusal } from '../model/errors.js'
import { parsePastMs } from '../model/moments.js'
import { allOf, type Condition } from './query.js'

/** When a record happened or began, as an expression; kinds that are not here have no such time. */
const moments: Partial<Record<RecordKind, string>> = { event: 'e.at', job: 'coalesce(i.started_at, i.created_at)', run: 'u.created_at' }

/** The records of a kind since and until a moment of the farm's clock, both included. @param nowMs the farm's clock @throws Refusal usage.argument */
export function within(kind: RecordKind, { since, until }: { since?: string; until?: string }, nowMs: number): Condition {
  if (since === undefined && until === undefined) return allOf([])
  const at = moments[kind]
  if (at === undefined) throw new Refusal('usage.argument', `${kindsWord(kind)} have no time to list them by`, '--since and --until are for jobs, events and runs')
  const fromMs = since === undefined ? null : parsePastMs(since, nowMs, '--since')
  const toMs = until === undefined ? null : parsePastMs(until, nowMs, '--until')
  if (fromMs !== null && toMs !== null && fromMs > toMs) throw new Refusal('usage.argument', '--since is later than --until, so nothing can match', 'give the earlier time to --since')
  return allOf([
    ...(fromMs === null ? [] : [{ sql: `${at} >= ?`, params: [fromMs] }]),
    ...(toMs === null ? [] : [{ sql: `${at} <= ?`, params: [toMs] }]),
    // A job begins while its run is going on: whole runs are passed over by their own times.
    ...(kind !== 'job' ? [] : [{ sql: `u.id in (select id from run where created_at <= ? and coalesce(ended_at, ?) >= ?)`, params: [toMs ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, fromMs ?? 0] }]),
  ])
}
