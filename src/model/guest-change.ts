import type { ErrorCode } from './errors.js'
import { guestFaults, type GuestFault } from './guest-faults.js'
import { guestSpec, type GuestSpec } from './guest-spec.js'

/** The fields of a guest that `vm update` changes. A NIC, a disk, the CD-ROM, the pool and the repository have verbs of their own. */
export const changeableFields = [
  'name', 'type', 'os', 'vcpus', 'memoryMiB', 'ha', 'haPriority', 'preferredServers', 'cpuPriority', 'cpuCap', 'bootDevice', 'owner', 'group', 'visibility', 'tags', 'keyboard', 'description', 'consolePassword',
] as const satisfies readonly (keyof GuestSpec)[]

/** A field of a guest that `vm update` changes. */
export type ChangeableField = (typeof changeableFields)[number]

/** What can be changed while a guest runs too (model.md, "Guest states and operations": update); memory and vcpus up to what it booted with. */
const liveFields: readonly ChangeableField[] = ['name', 'ha', 'haPriority', 'tags', 'owner', 'group', 'visibility', 'preferredServers', 'cpuPriority', 'cpuCap', 'vcpus', 'memoryMiB']

/** What a guest is, as far as its changes are judged by it; `consolePassword` is only whether it has one, and null. */
export type GuestFacts = Pick<GuestSpec, ChangeableField> & { type: 'pv' | 'hvm'; nics: NonNullable<GuestSpec['nics']>; cdrom: string | null; vcpus: number; memoryMiB: number; owner: string }

/** What of a guest is to be otherwise. */
export type GuestChange = { [F in ChangeableField]?: GuestFacts[F] }

/** What a guest booted with: it gets no more while it runs. */
export interface BootFacts { vcpus: number; memoryMiB: number }

/** The fields in which two values of a guest differ. */
export function changedFields(before: GuestFacts, after: GuestFacts): ChangeableField[] {
  return changeableFields.filter(field => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
}

/** What is wrong with a change whatever it is made to: values out of their bounds, texts that name nothing. */
export function changeFaults(change: GuestChange): GuestFault[] {
  // A template leaves open whatever the change does not say.
  const spec = guestSpec({ name: 'x', pool: 'x', template: 'x', ...change })
  return guestFaults(spec).filter(({ field }) => Object.hasOwn(change, field))
}

/**
 * All that stands in the way of a change of a guest that is off, or runs (`boot`: what it booted with), as far as its fields tell;
 * what was wrong with the guest before is none of it.
 */
export function changedGuestFaults(before: GuestFacts, after: GuestFacts, boot: BootFacts | null): GuestFault[] {
  const fields = changedFields(before, after)
  const faults: GuestFault[] = []
  const add = (field: keyof GuestSpec, code: ErrorCode, message: string, hint: string | null) => { faults.push({ field, code, message, hint }) }
  if (boot !== null) {
    for (const field of fields) if (!liveFields.includes(field)) add(field, 'vm.state', 'cannot change while the guest runs', `vm stop ${before.name} first`)
    if (fields.includes('memoryMiB') && after.memoryMiB > boot.memoryMiB) add('memoryMiB', 'vm.state', `cannot grow beyond the ${boot.memoryMiB} MiB that it booted with while the guest runs`, `vm stop ${before.name} first`)
    if (fields.includes('vcpus') && after.vcpus > boot.vcpus) add('vcpus', 'vm.state', `cannot grow beyond the ${boot.vcpus} that it booted with while the guest runs`, `vm stop ${before.name} first`)
  }
  if (after.type === 'pv' && before.type === 'hvm' && after.cdrom !== null) add('type', 'usage.argument', `pv goes not with the ISO ${after.cdrom} in its CD-ROM: a pv guest has none`, `vm cdrom eject ${before.name}`)
  if (after.visibility === 'shared' && after.group === null && (fields.includes('visibility') || fields.includes('group'))) add('visibility', 'usage.argument', 'shared is shared with a group, and it has none', 'give the group too')
  const own = (fault: GuestFault) => `${fault.field} ${fault.message}`
  const known = new Set(faultsOf(before).map(own))
  return [...faults, ...faultsOf(after).filter(fault => !known.has(own(fault)))]
}

/** What is wrong with a guest as it is, by its fields alone. */
export function faultsOf(guest: GuestFacts): GuestFault[] {
  return guestFaults({ ...guestSpec({ pool: 'x', diskMiB: 1 }), ...guest })
}
