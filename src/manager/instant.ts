import type { Fault } from '../model/errors.js'
import { groupBy } from '../model/group.js'
import type { RunOperation } from '../model/operations.js'
import type { VmState } from '../model/vm-states.js'
import type { Row, Transaction } from '../store/store.js'
import type { Parts } from './parts.js'
import { planResetStatus } from './reset-status.js'
import { addEvents, loadItems, type ItemRecord, type RunRecord } from './run-records.js'
import { eventTable, itemTable, tagTable, vmTable } from './schema.js'
import { countRuns } from './settle.js'
import { planUpdate } from './update-vms.js'

/** An item of a run that changes records only, with what is recorded of its guest. */
export interface InstantItem extends ItemRecord { vm: { id: string | null; state: VmState; serverId: string | null; tags: string; leasedBy: { job: string; operation: RunOperation } | null } }

/** How such an item ends, and what it writes. */
export interface InstantEnd { result: 'done' | 'unchanged' | 'failed'; error: Fault | null; state: string; row?: Row; tags?: [string, string][]; event?: string }

/** Carries out a run that changes records only: all its waiting items in one commit. */
export async function carryOut(parts: Parts, run: RunRecord): Promise<void> {
  const waiting = await parts.store.read(reader => loadInstant(reader, run.id))
  const end = run.operation === 'vm.update' ? planUpdate(run.options, run.policy.strict) : await planResetStatus(parts, waiting, run.policy.strict)
  const nowMs = await parts.clock.nowMs()
  await parts.store.transact(async tx => {
    const items = await loadInstant(tx, run.id)
    const ends = items.map(item => ({ item, ...(item.vm.id === null ? gone(item) : end(item)) }))
    await tx.update(itemTable, ends.map(({ item, result, error, state }): Row => ({
      run: run.id, ordinal: item.ordinal, job: result === 'unchanged' ? null : item.job, result, state: result === 'failed' ? 'failed' : 'succeeded', step: 'settled', after_state: state, started_at: nowMs, ended_at: nowMs, error: error && JSON.stringify(error),
    })))
    const rows = ends.flatMap(({ row }) => (row ? [row] : []))
    // Rows of one update name the same columns.
    for (const of of groupBy(rows, row => Object.keys(row).join()).values()) await tx.update(vmTable, of)
    await writeTags(tx, ends.flatMap(({ item, tags }) => (tags ? [{ vmId: item.targetId, tags }] : [])))
    await addEvents(tx, eventTable, ends.flatMap(({ item, event }) => (event === undefined ? [] : [{ at: nowMs, severity: 'info', kind: run.operation, subject: item.name, subject_id: item.targetId, user: run.user, run: run.id, message: event }])))
    await countRuns(tx, [run.id])
  })
}

async function loadInstant(reader: Pick<Transaction, 'select' | 'json'>, run: string): Promise<InstantItem[]> {
  const items = await loadItems(reader, `i.run = ? and i.state = 'queued'`, [run])
  const rows = await reader.select<{ id: string; state: VmState; serverId: string | null; tags: string; job: string | null; operation: RunOperation | null }>(
    { id: 'g.id', state: 'g.state', serverId: 'g.server_id', tags: 'g.tags', job: 'l.job', operation: 'l.operation' }, 'from vm g left join item l on l.lease = g.id where g.id in (select value from json_each(?))', [JSON.stringify(items.map(item => item.targetId))])
  const vms = new Map(rows.map(row => [row.id, row]))
  return items.map(item => {
    const vm = vms.get(item.targetId)
    if (!vm) return { ...item, vm: { id: null, state: 'unknown', serverId: null, tags: '{}', leasedBy: null } }
    return { ...item, vm: { id: vm.id, state: vm.state, serverId: vm.serverId, tags: vm.tags, leasedBy: vm.job === null ? null : { job: vm.job, operation: vm.operation! } } }
  })
}

function gone(item: ItemRecord): InstantEnd {
  return { result: 'failed', error: { code: 'not-found.vm', message: `guest ${item.name} is gone`, hint: 'vm list shows what there is', details: null }, state: 'unknown' }
}

async function writeTags(tx: Transaction, changes: readonly { vmId: string; tags: [string, string][] }[]): Promise<void> {
  if (changes.length === 0) return
  await tx.run(`delete from ${tagTable.name} where vm_id in (select value from json_each(?))`, [JSON.stringify(changes.map(change => change.vmId))])
  await tx.insert(tagTable, changes.flatMap(({ vmId, tags }) => tags.map(([key, value]) => ({ vm_id: vmId, key, value }))))
}
