import { modesOf, osNamed } from './guest-os.js'
import type { GuestSpec } from './guest-spec.js'
import type { NicSpec } from './nic.js'
import type { BootDevice, VmType } from './object-states.js'

/** What a template brings along; null where it says nothing. */
export interface TemplateFacts { type: VmType | null; os: string | null; vcpus: number | null; memoryMiB: number | null; diskMiB: number | null; nics: NicSpec[] | null }

/** A guest with nothing left open. `rootDiskMiB` is the size of the disk that it gets. */
export interface SettledGuest extends GuestSpec { type: VmType; vcpus: number; memoryMiB: number; nics: NicSpec[]; bootDevice: BootDevice; rootDiskMiB: number }

/**
 * What a guest gets when nobody says. The bridge is the one that Xen makes of the first network card. A guest of an ISO or from
 * the network is given a disk to install onto. The figures are our choice.
 */
export const guestDefaults = { vcpus: 1, memoryMiB: 1_024, bridge: 'xenbr0', installDiskMiB: 10_240 } as const

/** The mode that a guest will run in, as far as its fields tell; null when its template decides. */
export function typeOf(spec: GuestSpec): VmType | null {
  if (spec.type !== null) return spec.type
  if (needsHvm(spec)) return 'hvm'
  return spec.template === null ? 'pv' : null
}

/** A CD-ROM and booting from the network are there in hvm only, and some operating systems too. */
function needsHvm(spec: GuestSpec): boolean {
  if (spec.iso !== null || spec.pxe) return true
  if (spec.template !== null) return false
  const os = spec.os === null ? null : osNamed(spec.os)
  return spec.bootDevice === 'cdrom' || spec.bootDevice === 'pxe' || (os !== null && !modesOf(os).includes('pv'))
}

/**
 * A guest with what its template brings (null: it has none), and what is usual, in the place of what was left out; its operating
 * system by the name of the table. The result is to be judged by guestFaults once more: a template may not go with what was said.
 */
export function settledGuest(spec: GuestSpec, template: TemplateFacts | null): SettledGuest {
  const os = spec.os ?? template?.os ?? null
  return {
    ...spec,
    os: os === null ? null : (osNamed(os) ?? os),
    type: typeOf(spec) ?? template?.type ?? 'pv',
    vcpus: spec.vcpus ?? template?.vcpus ?? guestDefaults.vcpus,
    memoryMiB: spec.memoryMiB ?? template?.memoryMiB ?? guestDefaults.memoryMiB,
    nics: spec.nics ?? template?.nics?.map(({ bridge }) => ({ bridge, mac: null })) ?? [{ bridge: guestDefaults.bridge, mac: null }],
    bootDevice: spec.bootDevice ?? (spec.iso !== null ? 'cdrom' : spec.pxe ? 'pxe' : 'hdd'),
    rootDiskMiB: spec.diskMiB ?? template?.diskMiB ?? guestDefaults.installDiskMiB,
  }
}
