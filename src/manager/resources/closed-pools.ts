import type { Fault } from '../../model/errors.js'
import type { ServerState } from '../../model/object-states.js'
import type { Reader } from '../../store/store.js'
import { refusedBy } from '../files/decide.js'
import type { ItemRecord } from '../run-records.js'

/** Of the pools of items, those in which nothing can change now, and why (model.md, rules 7 and 8). */
export async function closedPools(reader: Reader, items: readonly ItemRecord[]): Promise<Map<string, Fault>> {
  const rows = await reader.select<{ id: string; name: string; owner: string; master: string | null; state: ServerState | null }>({ id: 'p.id', name: 'p.name', owner: 'p.owner', master: 'm.name', state: 'm.state' },
    'from pool p left join server m on m.id = p.master_id where p.id in (select value from json_each(?))', [JSON.stringify(items.map(item => item.poolId))])
  return new Map(rows.flatMap(({ id, name, owner, master, state }) => {
    const fault = refusedBy({ name, owner, master: master === null ? null : { name: master, state: state! } })
    return fault ? [[id, fault] as const] : []
  }))
}
