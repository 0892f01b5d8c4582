import { diskAddDetails, diskRemoveDetails } from '../../contract/details/guest-parts.js'
import { validate } from '../../contract/requests.js'
import type { Fault } from '../../model/errors.js'
import { newDiskFile, nextDiskName, type GuestDisk } from '../../model/guest-disks.js'
import { groupBy } from '../../model/group.js'
import type { VmType } from '../../model/object-states.js'
import type { PartOperation } from '../../model/vm-part-states.js'
import { formatMiB } from '../../model/units.js'
import type { VmState } from '../../model/vm-states.js'
import type { Reader, Transaction } from '../../store/store.js'
import { partStateFault } from '../guests/part-state.js'
import { fault, type LaunchOrder, type QueuedItem } from '../launch.js'
import { vmDetailTable, vmTable } from '../schema.js'
import type { FileOperation, FilePlan, FilesDone, NoPlan } from './plan.js'
import type { FilesScene, Stored } from './scene.js'

/** Disks of guests, and which devices are somebody's already: of a guest, or of a repository. */
export interface DisksScene { guests: ReadonlyMap<string, { type: VmType; disks: GuestDisk[]; /** names of shared disks inside of it */ shared: string[] }>; deviceUsers: Map<string, string> }

/** Loads what giving and taking disks looks at. */
export async function loadDisksScene(reader: Reader, items: readonly QueuedItem[]): Promise<DisksScene> {
  const rows = await reader.select<{ id: string; type: VmType; details: string | null }>({ id: 'g.id', type: 'g.type', details: 'd.details' }, 'from vm g left join vm_detail d on d.vm_id = g.id where g.id in (select value from json_each(?))', [JSON.stringify(items.map(item => item.targetId))])
  const pools = JSON.stringify([...new Set(items.map(item => item.poolId))])
  const used = await reader.select<{ poolId: string; device: string; user: string }>({ poolId: 'g.pool_id', device: `json_extract(n.value, '$.file')`, user: `'guest ' || g.name` },
    `from vm g join vm_detail d on d.vm_id = g.id, json_each(d.details, '$.disks') n where g.pool_id in (select value from json_each(?)) and json_extract(n.value, '$.kind') = 'physical'`, [pools])
  // What is being given to a guest is his already: his record says so only when it has been.
  const given = await reader.select<{ poolId: string; device: string; user: string }>({ poolId: 'i.pool_id', device: `json_extract(n.value, '$.file')`, user: `'guest ' || i.name` },
    `from item i, json_each(i.change, '$.after.disks') n where i.lease is not null and i.operation = 'vm.disk-add' and i.pool_id in (select value from json_each(?)) and json_extract(n.value, '$.kind') = 'physical'`, [pools])
  const repos = await reader.select<{ poolId: string; device: string; user: string }>({ poolId: 'pool_id', device: 'device', user: `'a repository'` }, 'from repo where device is not null and pool_id in (select value from json_each(?))', [pools])
  const attached = groupBy(await reader.select<{ id: string; device: string }>({ id: 'vm_id', device: 'device' }, 'from attachment where vm_id in (select value from json_each(?))', [JSON.stringify(items.map(item => item.targetId))]), row => row.id)
  return {
    guests: new Map(rows.map(({ id, type, details }) => [id, { type, disks: (JSON.parse(details ?? '{}') as { disks?: GuestDisk[] }).disks ?? [], shared: (attached.get(id) ?? []).map(row => row.device) }])),
    deviceUsers: new Map([...used, ...given, ...repos].map(row => [`${row.poolId} ${row.device}`, row.user])),
  }
}

/** The guest whose disks are to be others, where its state allows it. */
function guestFor(verb: PartOperation, item: QueuedItem, scene: FilesScene): Stored | NoPlan {
  const guest = scene.objects.get(item.targetId)
  if (!guest) return { fault: fault('not-found.vm', `guest ${item.name} is gone`, 'vm list shows what there is'), state: null }
  const state = guest.state as VmState
  // While its own work is under way somebody holds the lease, and that is what stands in the way.
  const refusal = scene.changedBy.has(guest.id) ? null : partStateFault(verb, { name: guest.name, state })
  return refusal ? { fault: refusal, state } : guest
}

/** Other disks for a guest: work on its files, during which it is `deploying`. `takenMiB` is what they take of its repository from now on. */
function planFor(guest: Stored, what: 'grow' | 'shrink', sizeMiB: number, takenMiB: number, before: readonly GuestDisk[], after: readonly GuestDisk[]): FilePlan {
  return {
    what, object: guest, source: null, sizeMiB, repoId: guest.repoId, lease: guest.id, makes: () => [], state: 'deploying', changes: { before: { disks: before }, after: { disks: after } },
    change: { table: vmTable.name, row: { id: guest.id, state: 'deploying', disk_mib: takenMiB }, undo: { id: guest.id, state: guest.state, disk_mib: guest.sizeMiB } },
  }
}

/** `vm disk add`: a file of its own, or a device. */
export const diskAddOperation: FileOperation = {
  plan(order: LaunchOrder, item, scene) {
    const guest = guestFor('disk-add', item, scene)
    if ('fault' in guest) return guest
    const wanted = validate(diskAddDetails, order.options.details)
    const { type, disks, shared } = scene.disks!.guests.get(guest.id)!
    const names = [...disks.map(disk => disk.name), ...shared]
    const refuse = (refusal: Fault) => ({ fault: refusal, state: guest.state })
    const name = nextDiskName(type, names)
    if (name === null) return refuse(fault('vm.config', `guest ${guest.name} has ${names.length} disks, and ${type} guests have no more`, `vm disk list ${guest.name} shows what there is`))
    if ('sizeMiB' in wanted) {
      const disk: GuestDisk = { name, kind: 'file', sizeMiB: wanted.sizeMiB, file: newDiskFile(guest.name, name, disks) }
      return planFor(guest, 'grow', wanted.sizeMiB, guest.sizeMiB + wanted.sizeMiB, disks, [...disks, disk])
    }
    const place = `${guest.poolId} ${wanted.device}`
    const user = scene.disks!.deviceUsers.get(place)
    if (user !== undefined) return refuse(fault('vm.disk-in-use', `${wanted.device} is used by ${user}`, 'a disk that several guests share is a shared disk: ovmcli help disk', { device: wanted.device }))
    scene.disks!.deviceUsers.set(place, `guest ${guest.name}`)
    return planFor(guest, 'grow', 0, guest.sizeMiB, disks, [...disks, { name, kind: 'physical', sizeMiB: null, file: wanted.device }])
  },
  done: writeDisks,
  tells: ({ before, after }) => disksApart(after, before),
  after: 'powered-off',
}

/** `vm disk remove`: its file goes, and the room is free again; a device stays as it is. */
export const diskRemoveOperation: FileOperation = {
  plan(order: LaunchOrder, item, scene) {
    const guest = guestFor('disk-remove', item, scene)
    if ('fault' in guest) return guest
    const { disk: name } = validate(diskRemoveDetails, order.options.details)
    const { disks, shared } = scene.disks!.guests.get(guest.id)!
    if (shared.includes(name)) return { fault: fault('vm.config', `disk ${name} of guest ${guest.name} is shared`, 'disk detach takes it away'), state: guest.state }
    const disk = disks.find(one => one.name === name)
    if (!disk) return { fault: fault('not-found.vm-disk', `guest ${guest.name} has no disk ${name}`, `vm disk list ${guest.name} shows what there is`), state: guest.state }
    return planFor(guest, 'shrink', disk.kind === 'file' ? disk.sizeMiB! : 0, guest.sizeMiB, disks, disks.filter(one => one !== disk))
  },
  done: writeDisks,
  tells: ({ before, after }) => disksApart(before, after),
  after: 'powered-off',
}

/** The disks that one side of a change has and the other has not, as an event tells them. */
function disksApart(has: Record<string, unknown>, hasNot: Record<string, unknown>): string {
  const others = new Set((hasNot['disks'] as GuestDisk[]).map(disk => disk.name))
  return (has['disks'] as GuestDisk[]).filter(disk => !others.has(disk.name)).map(disk => `: ${disk.name}, ${disk.kind === 'file' ? formatMiB(disk.sizeMiB!) : disk.file}`).join('')
}

async function writeDisks(tx: Transaction, items: readonly FilesDone[]): Promise<void> {
  const disksOf = (item: FilesDone) => item.changes!.after['disks'] as GuestDisk[]
  await tx.update(vmTable, items.map(item => ({ id: item.targetId, state: 'powered-off', disk_mib: disksOf(item).reduce((sum, disk) => sum + (disk.kind === 'file' ? disk.sizeMiB! : 0), 0) })))
  const rows = await tx.select<{ id: string; details: string }>({ id: 'vm_id', details: 'details' }, 'from vm_detail where vm_id in (select value from json_each(?))', [JSON.stringify(items.map(item => item.targetId))])
  const details = new Map(rows.map(row => [row.id, JSON.parse(row.details) as object]))
  await tx.update(vmDetailTable, items.map(item => ({ vm_id: item.targetId, details: JSON.stringify({ ...details.get(item.targetId), disks: disksOf(item) }) })))
}
