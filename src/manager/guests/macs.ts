import { groupBy } from '../../model/group.js'
import type { Reader } from '../../store/store.js'
import { visible, type Caller } from '../principal.js'

/** A guest that has an address; `named` is what to call it to the caller, for whom a guest that he may not see has no name. */
export interface MacHolder { id: string; named: string }

/** What a guest is called to whoever may not see it. */
export const anotherGuest = 'another guest'

/** Which guests have network addresses, by the address: one is there once in the whole farm. @param caller to whom it is told; null: to nobody in particular */
export async function guestsWithMacs(reader: Reader, caller: Caller | null, macs: readonly string[]): Promise<Map<string, MacHolder[]>> {
  if (macs.length === 0) return new Map()
  const sees = caller === null ? { sql: '0', params: [] } : visible(caller)
  const rows = await reader.select<{ mac: string; id: string; named: string }>({ mac: `json_extract(n.value, '$.mac')`, id: 'g.id', named: `case when ${sees.sql} then 'guest ' || g.name else '${anotherGuest}' end` },
    `from vm_detail d join vm g on g.id = d.vm_id join pool p on p.id = g.pool_id, json_each(d.details, '$.nics') n where json_extract(n.value, '$.mac') in (select value from json_each(?)) order by g.pool_id, g.name_key`, [...sees.params, JSON.stringify(macs)])
  return new Map([...groupBy(rows, row => row.mac)].map(([mac, of]) => [mac, of.map(({ id, named }) => ({ id, named }))]))
}
