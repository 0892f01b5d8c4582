import type { Row } from '../store/store.js'
import type { Parts } from './parts.js'
import { leaseFault } from './launch.js'
import { reportedBy, reportedRow } from './reported.js'
import { addEvents, loadItems, type RunRecord } from './run-records.js'
import { eventTable, itemTable, vmTable } from './schema.js'
import { countRuns } from './settle.js'

/** Sets the guests of a run to what their servers really report (`vm reset-status`); a guest whose record agrees is unchanged. */
export async function resetStatus(parts: Parts, run: RunRecord): Promise<void> {
  const items = await parts.store.read(reader => loadItems(reader, `i.run = ? and i.state = 'queued'`, [run.id]))
  const facts = await reportedBy(parts, items)
  const nowMs = await parts.clock.nowMs()
  await parts.store.transact(async tx => {
    const ids = JSON.stringify(items.map(item => item.targetId))
    const vms = new Map((await tx.select<{ id: string; state: string; serverId: string | null; leasedBy: string | null }>({ id: 'g.id', state: 'g.state', serverId: 'g.server_id', leasedBy: '(select i.job from item i where i.lease = g.id limit 1)' }, 'from vm g where g.id in (select value from json_each(?))', [ids])).map(row => [row.id, row]))
    const rows: Row[] = []
    const changed: Row[] = []
    const events: Row[] = []
    for (const item of items) {
      const fact = facts.get(item.targetId)
      const vm = vms.get(item.targetId)
      const state = fact?.state ?? 'unknown'
      const settled = (result: string, error: object | null): Row => ({ run: run.id, ordinal: item.ordinal, job: result === 'unchanged' ? null : item.job, result, state: result === 'failed' ? 'failed' : 'succeeded', step: 'settled', after_state: state, started_at: nowMs, ended_at: nowMs, error: error && JSON.stringify(error) })
      if (vm?.leasedBy) { rows.push(settled('failed', leaseFault(item.name, vm.leasedBy))); continue }
      if (vm && vm.state === state && vm.serverId === (fact?.serverId ?? null)) { rows.push(settled('unchanged', null)); continue }
      rows.push(settled('done', null))
      changed.push(reportedRow(item.targetId, fact))
      events.push({ at: nowMs, severity: 'info', kind: 'vm.reset-status', subject: item.name, subject_id: item.targetId, user: run.user, run: run.id, message: `guest ${item.name} was ${vm?.state}, its server reports ${state}` })
    }
    await tx.update(itemTable, rows)
    await tx.update(vmTable, changed)
    await addEvents(tx, eventTable, events)
    await countRuns(tx, [run.id])
  })
}
