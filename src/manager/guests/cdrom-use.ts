import type { Reader } from '../../store/store.js'

/** Of ISOs, by id, the names of the guests in whose CD-ROM they are; one that is in none is left out. */
export async function guestsWithIsos(reader: Reader, isoIds: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await reader.select<{ id: string; guest: string }>({ id: 't.id', guest: 'g.name' },
    `from resource t join vm g on g.pool_id = t.pool_id join vm_detail d on d.vm_id = g.id and json_extract(d.details, '$.cdrom') = t.name where t.kind = 'iso' and t.id in (select value from json_each(?)) order by t.id, g.name_key`, [JSON.stringify(isoIds)])
  const guests = new Map<string, string[]>()
  for (const { id, guest } of rows) guests.set(id, [...(guests.get(id) ?? []), guest])
  return guests
}
