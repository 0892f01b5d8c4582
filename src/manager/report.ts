import type { Report, ReportItem } from '../contract/manager.js'
import type { ItemResult } from '../model/object-states.js'
import { formatTime, secondsOf } from '../model/units.js'
import type { ItemRecord, RunRecord } from './run-records.js'

const countNames: Record<ItemResult, 'done' | 'unchanged' | 'failed' | 'unknown' | 'notAttempted' | 'accepted' | 'wouldDo' | 'wouldFail'> = {
  done: 'done', unchanged: 'unchanged', failed: 'failed', unknown: 'unknown', 'not-attempted': 'notAttempted', accepted: 'accepted', 'would-do': 'wouldDo', 'would-fail': 'wouldFail',
}

/** The report of a run (cli.md, "The report of an acting verb") from its records. An item without a result was handed over. */
export function reportOf(farm: string, run: RunRecord, items: readonly ItemRecord[], nowMs: number): Report {
  return counted({ run: run.id, operation: run.operation, farm, user: run.user, startedAtMs: run.createdAt, endedAtMs: run.endedAt, nowMs }, items.map(item => ({
    kind: item.kind, id: item.targetId, name: item.name, pool: item.pool,
    result: item.result ?? 'accepted', state: item.afterState, job: item.job,
    startedAt: item.startedAt === null ? null : formatTime(item.startedAt),
    seconds: item.startedAt === null || item.endedAt === null ? null : secondsOf(item.endedAt - item.startedAt),
    error: item.error,
  })), items.flatMap(item => item.warnings.map(message => ({ name: item.name, message }))))
}

/** A report with its counts. */
export function counted(head: { run: string | null; operation: Report['operation']; farm: string; user: string; startedAtMs: number; endedAtMs: number | null; nowMs: number }, items: ReportItem[], warnings: NonNullable<Report['warnings']> = []): Report {
  const counts = { done: 0, unchanged: 0, failed: 0, unknown: 0, notAttempted: 0, accepted: 0, wouldDo: 0, wouldFail: 0 }
  for (const item of items) counts[countNames[item.result]]++
  return {
    run: head.run, operation: head.operation, farm: head.farm, user: head.user, total: items.length, ...counts,
    startedAt: formatTime(head.startedAtMs), endedAt: head.endedAtMs === null ? null : formatTime(head.endedAtMs),
    elapsedSeconds: secondsOf((head.endedAtMs ?? head.nowMs) - head.startedAtMs), ...(warnings.length > 0 ? { warnings } : {}), items,
  }
}
