import { groupBy } from '../../model/group.js'
import type { Reader } from '../../store/store.js'

/** Which guests have network addresses, by the address: one is there once in the whole farm. */
export async function guestsWithMacs(reader: Reader, macs: readonly string[]): Promise<Map<string, { id: string; name: string }[]>> {
  if (macs.length === 0) return new Map()
  const rows = await reader.select<{ mac: string; id: string; name: string }>({ mac: `json_extract(n.value, '$.mac')`, id: 'g.id', name: 'g.name' },
    `from vm_detail d join vm g on g.id = d.vm_id, json_each(d.details, '$.nics') n where json_extract(n.value, '$.mac') in (select value from json_each(?)) order by g.pool_id, g.name_key`, [JSON.stringify(macs)])
  return new Map([...groupBy(rows, row => row.mac)].map(([mac, of]) => [mac, of.map(({ id, name }) => ({ id, name }))]))
}
