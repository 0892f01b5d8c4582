import { operationRow, operationWords } from '../model/operations.js'
import type { Row, Transaction } from '../store/store.js'
import { actOf } from './acts.js'
import type { Parts } from './parts.js'
import { answered } from './pool-channel.js'
import { addEvents, loadItems, mustDrive, type RunRecord } from './run-records.js'
import { forgetSecret } from './run-secrets.js'
import { eventTable, itemTable } from './schema.js'
import { countRuns } from './settle.js'

const waiting = `i.run = ? and i.state = 'queued'`

/**
 * Carries out a run that changes records only: all its waiting items in one commit. Between what is prepared and what is written
 * its items stay the same: nobody else drives it, and nobody aborts what is about to be done (abort.ts).
 */
export async function carryOut(parts: Parts, run: RunRecord): Promise<void> {
  const act = await actOf(run.operation)
  const prepared = act.prepare ? await act.prepare(parts, run, await parts.store.read(reader => loadItems(reader, waiting, [run.id]))) : null
  const nowMs = await parts.clock.nowMs()
  const write = async (tx: Transaction) => {
    await mustDrive(tx, run.id, run.session!)
    const items = await loadItems(tx, waiting, [run.id])
    const acting = { run, items, nowMs, prepared }
    const plain = await act.carryOut(tx, acting)
    const ends = plain.map((end, at) => ({ ...end, item: items[at]!, change: end.change ? JSON.stringify(end.change) : null, warnings: end.warnings?.length ? end.warnings : null }))
    await tx.update(itemTable, ends.map(({ item, result, error, state, change, warnings }): Row => ({
      run: run.id, ordinal: item.ordinal, job: result === 'unchanged' ? null : item.job, result, state: result === 'failed' ? 'failed' : 'succeeded', step: 'settled', after_state: state, started_at: nowMs, ended_at: nowMs, error: error && JSON.stringify(error), change, warnings: warnings && JSON.stringify(warnings),
    })))
    await addEvents(tx, eventTable, ends.flatMap(({ item, error, event, result, change }) => {
      if (result === 'unchanged') return []
      const message = error ? `${operationWords(run.operation)} ${item.name} refused: ${error.message}` : (event ?? `${item.kind} ${item.name} ${operationRow(run.operation).past}`)
      return [{ at: nowMs, severity: error ? 'error' : 'info', kind: `${run.operation}${error ? '-failed' : ''}`, subject: item.name, subject_id: item.targetId, user: run.user, run: run.id, message, change }]
    }))
    await addEvents(tx, eventTable, ends.flatMap(({ item, warnings }) => (warnings ?? []).map(message => ({ at: nowMs, severity: 'warning', kind: `${run.operation}-warning`, subject: item.name, subject_id: item.targetId, user: run.user, run: run.id, message }))))
    await countRuns(tx, [run.id])
    await forgetSecret(tx, run.id, 'carried-out')
    return { acting, ends: plain }
  }
  const acted = await parts.store.transact(write).catch(async (error: unknown) => {
    if (act.takeBack) await answered(() => act.takeBack!(parts, prepared))
    throw error
  })
  // It is recorded: who cannot be told now is told by whoever needs him next.
  if (act.after) await answered(() => act.after!(parts, acted.acting, acted.ends))
}
