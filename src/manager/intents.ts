import { kindWords } from '../contract/fields.js'
import { kindOf, operationRow, operationWords } from '../model/operations.js'
import type { Row, Table, Transaction } from '../store/store.js'
import type { LaunchStep } from './launch.js'
import { addEvents, type RunRecord } from './run-records.js'
import { eventTable, itemTable } from './schema.js'
import { addToRun } from './settle.js'
import type { Begun } from './tell.js'
import { applyWrites, updateAlike } from './write.js'

/** What came of an item without being begun, or with its being refused. */
export type Settled = Extract<LaunchStep, { kind: 'settle' }>

/** Records what is about to begin, before any agent hears of it. @param table of what the operation changes */
export async function recordBegun(tx: Transaction, run: Pick<RunRecord, 'id'>, table: Table, begun: readonly Begun[], nowMs: number): Promise<void> {
  await tx.update(itemTable, begun.map((step): Row => ({
    run: run.id, ordinal: step.item.ordinal, lease: step.files?.lease ?? step.item.targetId, state: 'running', step: 'dispatched', result: null, error: null, after_state: step.files?.state ?? step.row!['state']!, server_id: step.serverId, target_server_id: step.targetServerId, started_at: nowMs,
    ...(step.files ? { repo_id: step.files.repoId, source_id: step.files.sourceId, undo: JSON.stringify(step.files.undo), change: step.files.changes ? JSON.stringify(step.files.changes) : null } : {}),
  })))
  await applyWrites(tx, begun.flatMap(step => step.files?.writes ?? []))
  await tx.update(table, begun.flatMap(step => (step.row ? [step.row] : [])))
}

/** Records items that have come to their end without an agent's doing, and their events. @param table of what the operation changes */
export async function recordSettled(tx: Transaction, run: Pick<RunRecord, 'id' | 'operation' | 'user'>, table: Table, settled: readonly Settled[], nowMs: number): Promise<void> {
  const begun = (step: Settled) => step.result !== 'not-attempted'
  // One that was emptied first began with that.
  const startedAt = (step: Settled): Row => (!begun(step) ? { started_at: null } : step.item.evacuated ? {} : { started_at: nowMs })
  await updateAlike(tx, itemTable, settled.map((step): Row => ({
    run: run.id, ordinal: step.item.ordinal, lease: null, job: step.result === 'unchanged' ? (step.joined ?? null) : step.item.job, result: step.result, state: step.result === 'failed' ? 'failed' : begun(step) ? 'succeeded' : 'aborted',
    step: begun(step) ? 'settled' : 'not-attempted', after_state: step.state, ...startedAt(step), ended_at: begun(step) ? nowMs : null, error: step.error && JSON.stringify(step.error), ...(step.change ? { change: JSON.stringify(step.change) } : {}),
  })))
  await updateAlike(tx, table, settled.flatMap(step => (step.row ? [step.row] : [])))
  const failed = settled.filter(step => step.result === 'failed')
  const what = operationWords(run.operation)
  const done = settled.filter(step => step.result === 'done')
  const eventOf = ({ item }: Settled) => ({ at: nowMs, subject: item.name, subject_id: item.targetId, user: run.user, run: run.id })
  await addEvents(tx, eventTable, [
    ...failed.map(step => ({ ...eventOf(step), severity: 'error', kind: `${run.operation}-failed`, message: `${what} ${step.item.name} refused: ${step.error!.message}`, change: null })),
    ...done.map(step => ({ ...eventOf(step), severity: 'info', kind: run.operation, message: `${kindWords[kindOf(run.operation)]} ${step.item.name} ${operationRow(run.operation).past}`, change: step.change ? JSON.stringify(step.change) : null })),
  ])
  await addToRun(tx, run.id, { settled: settled.length, done: done.length, failed: failed.length })
}
