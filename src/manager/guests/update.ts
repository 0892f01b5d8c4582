import type { OperationOptions } from '../../contract/requests.js'
import { groupBy } from '../../model/group.js'
import { judge } from '../../model/vm-states.js'
import type { Row, Transaction } from '../../store/store.js'
import type { Act, ActEnd } from '../acts.js'
import { fault } from '../launch.js'
import { stateFault } from '../launch-vm.js'
import type { ItemRecord } from '../run-records.js'
import { tagTable, vmTable } from '../schema.js'
import { failedEnd, loadRecorded, outOfReach, type RecordedGuest } from './recorded.js'

interface Updated { end: ActEnd; row?: Row; tags?: [string, string][] }

/** Changes the records of guests (`vm update`): tags so far. What is so already is unchanged. */
export const updateAct: Act<null> = {
  async carryOut(tx, { run, items }) {
    const vms = await loadRecorded(tx, items)
    const updated = items.map(item => update(item, vms.get(item.targetId), run.options, run.policy.strict))
    // Rows of one update name the same columns.
    for (const of of groupBy(updated.flatMap(({ row }) => (row ? [row] : [])), row => Object.keys(row).join()).values()) await tx.update(vmTable, of)
    await writeTags(tx, updated.flatMap(({ tags }, at) => (tags ? [{ vmId: items[at]!.targetId, tags }] : [])))
    return updated.map(({ end }) => end)
  },
}

function update(item: ItemRecord, vm: RecordedGuest | undefined, options: OperationOptions, strict: boolean): Updated {
  const out = outOfReach(item, vm)
  if (out) return { end: out }
  const { state } = vm!
  if (judge('update', state, false) === 'refused') return { end: failedEnd(stateFault('update', { name: item.name, state }), state) }
  const before = JSON.parse(vm!.tags) as Record<string, string>
  const after = { ...before, ...options.tags?.set }
  for (const key of options.tags?.unset ?? []) delete after[key]
  const tags = JSON.stringify(Object.fromEntries(Object.entries(after).sort(([a], [b]) => (a < b ? -1 : 1))))
  if (tags === vm!.tags) {
    return { end: strict ? failedEnd(fault('vm.unchanged', `guest ${item.name} has these tags already`, 'leave out --strict to take that as success'), state) : { result: 'unchanged', error: null, state } }
  }
  return {
    end: { result: 'done', error: null, state, event: `guest ${item.name} updated: tags ${tags}`, change: { before: { tags: before }, after: { tags: JSON.parse(tags) as object } } },
    row: { id: item.targetId, tags }, tags: Object.entries(JSON.parse(tags) as Record<string, string>),
  }
}

async function writeTags(tx: Transaction, changes: readonly { vmId: string; tags: [string, string][] }[]): Promise<void> {
  if (changes.length === 0) return
  await tx.run(`delete from ${tagTable.name} where vm_id in (select value from json_each(?))`, [JSON.stringify(changes.map(change => change.vmId))])
  await tx.insert(tagTable, changes.flatMap(({ vmId, tags }) => tags.map(([key, value]) => ({ vm_id: vmId, key, value }))))
}
