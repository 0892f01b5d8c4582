import type { ChangeableField, GuestFacts } from '../../model/guest-change.js'
import { naturalKey } from '../../model/names.js'
import type { Row } from '../../store/store.js'
import { consoleTable, tagTable, vmDetailTable, vmTable } from '../schema.js'
import type { Write } from '../write.js'

/** A guest that is otherwise in some fields. */
export interface Updated { id: string; details: Record<string, unknown>; fields: readonly ChangeableField[]; before: GuestFacts; after: GuestFacts }

/** The columns of a guest's row that hold a field; where there are none it is a detail, or lies elsewhere. */
const columns: Partial<Record<ChangeableField, (facts: GuestFacts) => Row>> = {
  name: ({ name }) => ({ name, name_key: naturalKey(name) }), type: ({ type }) => ({ type }), os: ({ os }) => ({ os }), vcpus: ({ vcpus }) => ({ vcpus }), memoryMiB: ({ memoryMiB }) => ({ memory_mib: memoryMiB }),
  ha: ({ ha }) => ({ ha: Number(ha) }), haPriority: ({ haPriority }) => ({ ha_priority: haPriority }), owner: ({ owner }) => ({ owner }), group: ({ group }) => ({ group_name: group }), visibility: ({ visibility }) => ({ visibility }),
  tags: ({ tags }) => ({ tags: JSON.stringify(tags) }), preferredServers: ({ preferredServers }) => ({ preferred: preferredServers.length > 0 ? JSON.stringify(preferredServers) : null }),
}

const detailFields: readonly ChangeableField[] = ['cpuPriority', 'cpuCap', 'bootDevice', 'keyboard', 'description']

/** What is written of a guest: what is otherwise, and nothing else. */
export function writesOf(updated: Updated): Write[] {
  const { id, fields, before, after } = updated
  const row = Object.assign({ id }, ...fields.map(field => columns[field]?.(after) ?? {})) as Row
  const writes: Write[] = Object.keys(row).length > 1 ? [{ table: vmTable.name, how: 'update', row }] : []
  if (fields.some(field => field === 'name' || detailFields.includes(field))) writes.push({ table: vmDetailTable.name, how: 'update', row: { vm_id: id, details: JSON.stringify(detailsOf(updated)) } })
  if (fields.includes('tags')) {
    writes.push(...Object.keys(before.tags).map((key): Write => ({ table: tagTable.name, how: 'remove', row: { vm_id: id, key } })))
    writes.push(...Object.entries(after.tags).map(([key, value]): Write => ({ table: tagTable.name, how: 'insert', row: { vm_id: id, key, value } })))
  }
  if (fields.includes('consolePassword')) writes.push({ table: consoleTable.name, how: 'remove', row: { vm_id: id } }, { table: consoleTable.name, how: 'insert', row: { vm_id: id, password: after.consolePassword } })
  return writes
}

/** What takes those writes back; nobody's password is among what can change while its record has to be taken back. */
export function undoOf(updated: Updated): Write[] {
  return writesOf({ ...updated, details: detailsOf(updated), before: updated.after, after: updated.before })
}

/** The details of a guest; the folder of its files is called as it is. */
function detailsOf({ details, fields, before, after }: Updated): Record<string, unknown> {
  const disks = (details['disks'] as { kind: string; file: string }[] | undefined)?.map(disk => (disk.kind === 'file' ? { ...disk, file: disk.file.replace(`/${before.name}/`, `/${after.name}/`) } : disk))
  return { ...details, ...(disks ? { disks } : {}), ...Object.fromEntries(detailFields.filter(field => fields.includes(field)).map(field => [field, after[field]])) }
}
