import { naturalKey, namesOf } from '../../model/names.js'
import type { Reader } from '../../store/store.js'
import { takenFault } from '../files/decide.js'
import type { FileOperation } from '../files/plan.js'
import { nameKey } from '../files/scene.js'
import { fault } from '../launch.js'
import { resourceTable } from '../schema.js'

/** What a shared disk is to be, as its item keeps it. */
export interface NewDisk { sizeMiB: number; repoId: string | null }

/** `disk create`: an empty file of that size, in the folder of shared disks. */
export const createOperation: FileOperation = {
  plan(order, item, scene) {
    const key = nameKey('disk', item.poolId, item.name)
    if (scene.taken.has(key)) return { fault: takenFault(order, item, scene.pools.get(item.poolId)!), state: null }
    scene.taken.add(key)
    const { sizeMiB, repoId } = item.spec as NewDisk
    return {
      what: 'make', object: { id: item.targetId, name: item.name }, source: null, sizeMiB, repoId, lease: item.targetId, change: null, state: 'importing',
      makes: inRepo => [{ table: resourceTable.name, row: { id: item.targetId, kind: 'disk', name: item.name, name_key: naturalKey(item.name), pool_id: item.poolId, state: 'importing', type: null, os: null, size_mib: sizeMiB, repo_id: inRepo, details: null } }],
    }
  },
  done: (tx, items) => tx.update(resourceTable, items.map(item => ({ id: item.targetId, state: 'active' }))),
  after: 'active',
}

interface Users { guests: string[] }

/** Who has shared disks attached, by disk. */
async function loadUsers(reader: Reader, ids: readonly string[]): Promise<Map<string, Users>> {
  const rows = await reader.select<{ id: string; guest: string }>({ id: 'a.disk_id', guest: 'g.name' }, 'from attachment a join vm g on g.id = a.vm_id where a.disk_id in (select value from json_each(?)) order by g.name_key', [JSON.stringify(ids)])
  const users = new Map<string, Users>()
  for (const { id, guest } of rows) users.set(id, { guests: [...(users.get(id)?.guests ?? []), guest] })
  return users
}

/** `disk delete`: the file goes, then the record; not while a guest has it. */
export const deleteOperation: FileOperation = {
  look: loadUsers,
  plan(_order, item, scene) {
    const disk = scene.objects.get(item.targetId)
    if (!disk) return { fault: fault('not-found.disk', `shared disk ${item.name} is gone`, 'disk list shows what there is'), state: null }
    const guests = (scene.seen.get(disk.id) as Users | undefined)?.guests ?? []
    if (guests.length > 0) return { fault: fault('disk.attached', `shared disk ${disk.name} is attached to ${namesOf(guests)}`, `disk detach ${disk.name} ${guests.slice(0, 3).join(' ')}`, { guests: guests.slice(0, 100), total: guests.length }), state: disk.state }
    return { what: 'drop', object: disk, source: null, sizeMiB: 0, repoId: null, lease: disk.id, makes: () => [], change: null, state: disk.state }
  },
  done: (tx, items) => tx.remove(resourceTable, items.map(item => ({ id: item.targetId }))),
  after: null,
}
