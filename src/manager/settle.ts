import type { Outcome } from '../host/ports.js'
import { vmTransition, type VmOperation } from '../model/vm-states.js'
import type { Row, Transaction } from '../store/store.js'
import { addEvents } from './run-records.js'
import { eventTable, itemTable, vmTable } from './schema.js'

interface RunningItem { run: string; ordinal: number; job: string; operation: string; targetId: string; name: string; serverId: string; targetServerId: string | null; server: string | null; user: string }

/**
 * Records outcomes that agents reported: items, guests and events in one commit. An outcome that is recorded already changes
 * nothing, so hearing it twice is harmless.
 */
export async function settleOutcomes(tx: Transaction, outcomes: readonly Outcome[]): Promise<void> {
  const byJob = new Map(outcomes.map(outcome => [outcome.job, outcome]))
  const items = await tx.select<RunningItem>({ run: 'i.run', ordinal: 'i.ordinal', job: 'i.job', operation: 'i.operation', targetId: 'i.target_id', name: 'i.name', serverId: 'i.server_id', targetServerId: 'i.target_server_id', server: 's.name', user: 'u.user' },
    `from item i join run u on u.id = i.run left join server s on s.id = coalesce(i.target_server_id, i.server_id) where i.job in (select value from json_each(?)) and i.lease is not null order by u.seq, i.ordinal`, [JSON.stringify([...byJob.keys()])])
  const itemRows: Row[] = []
  const vmRows: Row[] = []
  const movedRows: Row[] = []
  const events: Row[] = []
  for (const item of items) {
    const { endedAtMs, error, facts } = byJob.get(item.job)!
    itemRows.push({ run: item.run, ordinal: item.ordinal, lease: null, result: error ? 'failed' : 'done', state: error ? 'failed' : 'succeeded', step: 'settled', after_state: facts.state, ended_at: endedAtMs, error: error && JSON.stringify(error) })
    // Where the server stays the same its index is left alone, which halves the cost of the update.
    const row = { id: item.targetId, state: facts.state, domain_id: facts.domainId, vnc_port: facts.vncPort, started_at: facts.startedAtMs }
    if (item.targetServerId === null && item.serverId === facts.serverId) vmRows.push(row)
    else movedRows.push({ ...row, server_id: facts.serverId, target_server_id: null })
    const operation = item.operation.slice(3) as VmOperation
    const where = facts.serverId !== null && item.server ? ` on ${item.server}` : ''
    events.push({
      at: endedAtMs, severity: error ? 'error' : 'info', kind: `${item.operation}${error ? '-failed' : ''}`, subject: item.name, subject_id: item.targetId, user: item.user, run: item.run,
      message: error ? `${operation} of guest ${item.name} failed: ${error.message}` : `guest ${item.name} ${vmTransition(operation).past}${where}`,
    })
  }
  await tx.update(itemTable, itemRows)
  await tx.update(vmTable, vmRows)
  await tx.update(vmTable, movedRows)
  await addEvents(tx, eventTable, events)
  await countRuns(tx, [...new Set(items.map(item => item.run))])
}

/** Brings the counts of runs up to date, and moves their revision. */
export async function countRuns(tx: Transaction, runs: readonly string[]): Promise<void> {
  for (const run of runs) {
    await tx.run(`update run set revision = revision + 1,
      settled = (select count(*) from item i where i.run = run.id and i.result is not null), done = (select count(*) from item i where i.run = run.id and i.result = 'done'),
      failed = (select count(*) from item i where i.run = run.id and i.result = 'failed') where id = ?`, [run])
  }
}
