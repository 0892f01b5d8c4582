import type { RunOperation } from '../../model/operations.js'
import type { VmState } from '../../model/vm-states.js'
import type { Reader } from '../../store/store.js'
import { leaseFault } from '../launch.js'
import { failedEnd, type ActEnd } from '../acts.js'
import type { ItemRecord } from '../run-records.js'

/** A guest as it is recorded, for an act on it. */
export interface RecordedGuest { id: string; state: VmState; serverId: string | null; tags: string; leasedBy: { job: string; operation: RunOperation } | null }

/** The guests of items, by id; `leasedBy` is who changes one, or reads its files. */
export async function loadRecorded(reader: Reader, items: readonly Pick<ItemRecord, 'targetId'>[]): Promise<Map<string, RecordedGuest>> {
  const rows = await reader.select<{ id: string; state: VmState; serverId: string | null; tags: string; job: string | null; operation: RunOperation | null }>(
    { id: 'g.id', state: 'g.state', serverId: 'g.server_id', tags: 'g.tags', job: 'l.job', operation: 'l.operation' },
    `from vm g left join (select lease as held, job, operation from item where lease is not null union all select source_id, job, operation from item where lease is not null and source_id is not null and source_id <> lease) l on l.held = g.id
      where g.id in (select value from json_each(?)) group by g.id`, [JSON.stringify(items.map(item => item.targetId))])
  return new Map(rows.map(({ job, operation, ...vm }) => [vm.id, { ...vm, leasedBy: job === null ? null : { job, operation: operation! } }]))
}

/** Why nothing can be done with the guest of an item at all: it is gone, or somebody else changes it; null when it can. */
export function outOfReach(item: ItemRecord, vm: RecordedGuest | undefined): ActEnd | null {
  if (!vm) return failedEnd({ code: 'not-found.vm', message: `guest ${item.name} is gone`, hint: 'vm list shows what there is', details: null }, 'unknown')
  if (vm.leasedBy) return failedEnd(leaseFault(`guest ${item.name}`, vm.leasedBy.job, vm.leasedBy.operation), vm.state)
  return null
}
