import { attachDetails, detachDetails } from '../../contract/details/storage.js'
import { validate, noNarrowing, type RunRequest } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import { diskNamesOf, nextDiskName } from '../../model/guest-disks.js'
import { operationWords, type RunOperation } from '../../model/operations.js'
import type { Reader, Transaction } from '../../store/store.js'
import { failedEnd, type Act, type ActEnd } from '../acts.js'
import { poolFor } from '../files/new-names.js'
import { loadRecorded, outOfReach, type RecordedGuest } from '../guests/recorded.js'
import { fault, leaseFault } from '../launch.js'
import type { Maker } from '../making.js'
import type { Caller } from '../principal.js'
import type { ItemRecord } from '../run-records.js'
import { attachmentTable } from '../schema.js'
import { resolveTargets, type Target } from '../targets.js'

/** What is attached to each guest, or taken from it, as its item keeps it. */
interface Attaching { diskId: string; disk: string; device: string | null; mode: 'w' | 'r' }

/** What is known of a guest's disks: names of devices by what they are, and the shared disk in question. */
interface GuestDisks { poolId: string; type: 'pv' | 'hvm'; devices: string[]; attached: { device: string; mode: string } | null }

/** What is known of a shared disk. */
interface Disk { id: string; poolId: string; leasedBy: { job: string; operation: RunOperation } | null }

/** Device names that guests know disks by (2.2 API: HardDriveType hd, sd, xvd). */
const deviceForm = /^(?:xvd|hd|sd)[a-z]$/

/** `disk attach`: the guests that one shared disk is attached to. */
export const attachMaker: Maker = {
  async plan(reader, caller, request) {
    const { disk: name, device, mode } = validate(attachDetails, request.options.details)
    if (device !== null && !deviceForm.test(device)) throw new Refusal('usage.argument', `${JSON.stringify(device.slice(0, 80))} is no device of a guest`, 'write xvdb, hdb or sdb')
    const { disk, guests } = await aimedAt(reader, caller, request, name)
    return guests.map(guest => ({ ...guest, sourceId: null, spec: { diskId: disk.id, disk: disk.name, device, mode } satisfies Attaching }))
  },
}

/** `disk detach`: the guests that one shared disk is taken from. */
export const detachMaker: Maker = {
  async plan(reader, caller, request) {
    const { disk, guests } = await aimedAt(reader, caller, request, validate(detachDetails, request.options.details).disk)
    return guests.map(guest => ({ ...guest, sourceId: null, spec: { diskId: disk.id, disk: disk.name, device: null, mode: 'w' } satisfies Attaching }))
  },
}

async function aimedAt(reader: Reader, caller: Caller, { operation, selector }: RunRequest, name: string): Promise<{ disk: Target; guests: Target[] }> {
  const [disk] = await resolveTargets(reader, caller, 'disk', { targets: [name], listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false })
  if (!disk) throw new Refusal('not-found.disk', `no such shared disk: ${name}`, 'disk list shows what there is', { missing: [name] })
  await poolFor(reader, caller, operation, disk.pool)
  return { disk, guests: await resolveTargets(reader, caller, 'vm', selector) }
}

/** Attaches a shared disk to guests that are off: they see it when they start. */
export const attachAct: Act<null> = {
  async carryOut(tx, { run, items }) {
    const looked = await lookAt(tx, items)
    const ends = items.map(item => {
      const { out, vm, disks, spec } = looked(item)
      if (out) return { end: out }
      if (disks.attached) return { end: alreadyEnd(run.policy.strict, vm, item, spec, disks.attached) }
      const off = mustBeOff(run.operation, item, vm)
      if (off) return { end: off }
      const device = spec.device ?? nextDiskName(disks.type, disks.devices)
      const why = device === null ? `guest ${item.name} has ${disks.devices.length} disks, and ${disks.type} guests have no more` : disks.devices.includes(device) ? `guest ${item.name} has another disk as ${device}` : null
      if (device === null || why !== null) return { end: failedEnd(fault('disk.device', why!, `vm disk list ${item.name} shows what there is`, { devices: disks.devices }), vm.state) }
      if (!diskNamesOf(disks.type).includes(device)) return { end: failedEnd(fault('disk.device', `${device} is no disk of a ${disks.type} guest, as ${item.name} is`, `write ${diskNamesOf(disks.type).join(', ')}`, { devices: disks.devices }), vm.state) }
      const after = { disk: spec.disk, device, mode: spec.mode }
      return { end: { result: 'done' as const, error: null, state: vm.state, event: `shared disk ${spec.disk} attached to guest ${item.name} as ${device}${spec.mode === 'r' ? ', to read only' : ''}`, change: { before: { attached: null }, after: { attached: after } } }, row: { disk_id: spec.diskId, vm_id: item.targetId, device, mode: spec.mode } }
    })
    await tx.insert(attachmentTable, ends.flatMap(({ row }) => (row ? [row] : [])))
    return ends.map(({ end }) => end)
  },
}

/** Takes a shared disk from guests that are off. */
export const detachAct: Act<null> = {
  async carryOut(tx, { run, items }) {
    const looked = await lookAt(tx, items)
    const ends = items.map(item => {
      const { out, vm, disks, spec } = looked(item)
      if (out) return { end: out }
      const { attached } = disks
      if (!attached) return { end: run.policy.strict ? failedEnd(fault('vm.unchanged', `guest ${item.name} does not have shared disk ${spec.disk}`, 'leave out --strict to take that as success'), vm.state) : unchanged(vm) }
      const off = mustBeOff(run.operation, item, vm)
      if (off) return { end: off }
      const before = { disk: spec.disk, ...attached }
      return { end: { result: 'done' as const, error: null, state: vm.state, event: `shared disk ${spec.disk} detached from guest ${item.name}`, change: { before: { attached: before }, after: { attached: null } } }, row: { disk_id: spec.diskId, vm_id: item.targetId } }
    })
    await tx.remove(attachmentTable, ends.flatMap(({ row }) => (row ? [row] : [])))
    return ends.map(({ end }) => end)
  },
}

interface Looked { out: ActEnd | null; vm: RecordedGuest; disks: GuestDisks; spec: Attaching }

/** Looks up the guests of items and their disks; the answer says of an item what stands in the way of anything at all. */
async function lookAt(tx: Transaction, items: readonly ItemRecord[]): Promise<(item: ItemRecord) => Looked> {
  const diskId = (items[0]?.spec as Attaching | undefined)?.diskId ?? ''
  const vms = await loadRecorded(tx, items)
  const disks = await loadDisks(tx, items, diskId)
  const [disk] = (await tx.select<{ id: string; poolId: string; job: string | null; operation: RunOperation }>({ id: 't.id', poolId: 't.pool_id', job: 'i.job', operation: 'i.operation' }, `from resource t left join item i on i.lease = t.id where t.id = ? and t.kind = 'disk'`, [diskId]))
    .map(({ job, operation, ...rest }): Disk => ({ ...rest, leasedBy: job === null ? null : { job, operation } }))
  return item => {
    const spec = item.spec as Attaching
    const vm = vms.get(item.targetId)
    const of = disks.get(item.targetId)
    const out = outOfReach(item, vm) ?? diskOut(item, spec, disk, of, vm!.state)
    return { out, vm: vm!, disks: of!, spec }
  }
}

function diskOut(item: ItemRecord, spec: Attaching, disk: Disk | undefined, guest: GuestDisks | undefined, state: string): ActEnd | null {
  if (!disk) return failedEnd(fault('not-found.disk', `shared disk ${spec.disk} is gone`, 'disk list shows what there is'), state)
  if (disk.leasedBy) return failedEnd(leaseFault(`shared disk ${spec.disk}`, disk.leasedBy.job, disk.leasedBy.operation), state)
  if (guest && guest.poolId !== disk.poolId) return failedEnd(fault('disk.pool', `guest ${item.name} is in another pool than shared disk ${spec.disk}`, `disk create makes one in pool ${item.pool ?? ''}`), state)
  return null
}

async function loadDisks(tx: Transaction, items: readonly ItemRecord[], diskId: string): Promise<Map<string, GuestDisks>> {
  const rows = await tx.select<{ id: string; poolId: string; type: 'pv' | 'hvm'; own: string; shared: string; device: string | null; mode: string | null }>({
    id: 'g.id', poolId: 'g.pool_id', type: 'g.type', own: `(select json_group_array(json_extract(j.value, '$.name')) from vm_detail d, json_each(d.details, '$.disks') j where d.vm_id = g.id)`,
    shared: '(select json_group_array(a.device) from attachment a where a.vm_id = g.id)', device: 'x.device', mode: 'x.mode',
  }, 'from vm g left join attachment x on x.vm_id = g.id and x.disk_id = ? where g.id in (select value from json_each(?))', [diskId, JSON.stringify(items.map(item => item.targetId))])
  return new Map(rows.map(({ id, poolId, type, own, shared, device, mode }) => [id, {
    poolId, type, devices: [...(JSON.parse(own) as string[]), ...(JSON.parse(shared) as string[])], attached: device === null ? null : { device, mode: mode! },
  }]))
}

function mustBeOff(operation: RunOperation, item: ItemRecord, vm: RecordedGuest): ActEnd | null {
  if (vm.state === 'powered-off') return null
  return failedEnd(fault('vm.state', `guest ${item.name} is ${vm.state}: ${operationWords(operation)} is possible only while it is off`, `vm stop ${item.name}`, { state: vm.state, operation, allowed: ['powered-off'] }), vm.state)
}

function unchanged(vm: RecordedGuest): ActEnd {
  return { result: 'unchanged', error: null, state: vm.state }
}

/** It has the disk already: as was asked for, or otherwise. */
function alreadyEnd(strict: boolean, vm: RecordedGuest, item: ItemRecord, spec: Attaching, { device, mode }: { device: string; mode: string }): ActEnd {
  const so = `guest ${item.name} has shared disk ${spec.disk} as ${device} (${mode}) already`
  if (mode !== spec.mode || (spec.device !== null && spec.device !== device)) return failedEnd(fault('disk.attached', so, `disk detach ${spec.disk} ${item.name} first`, { guests: [item.name], device, mode }), vm.state)
  return strict ? failedEnd(fault('vm.unchanged', so, 'leave out --strict to take that as success'), vm.state) : unchanged(vm)
}
