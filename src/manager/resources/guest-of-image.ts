import { guestDefaults } from '../../model/guest-defaults.js'
import type { ImportedDisk, ImportedGuest } from '../../model/imported.js'
import type { VmType } from '../../model/object-states.js'
import type { Transaction } from '../../store/store.js'
import { rowsOf, type NewGuest } from '../files/new-guest.js'
import { loadKnown } from '../people/known.js'
import { takeMacs } from '../run-records.js'
import { applyWrites } from '../write.js'

/** What of a template or image only `show` carries, and what it will need to become a guest; null: that was not said. */
export interface ResourceDetails {
  vcpus: number | null
  memoryMiB: number | null
  nics: { bridge: string }[] | null
  disks: ImportedDisk[] | null
  bootDevice: ImportedGuest['bootDevice'] | null
  keyboard: string | null
  /** where it came from, as everybody may know it */
  source: string | null
  checksum: string | null
  /** who brought it, and whose the guest will be */
  owner: string | null
  /** why it could not be imported */
  reason: string | null
}

/** An image as it is recorded. */
export interface ImageCopy { id: string; name: string; poolId: string; type: VmType; os: string | null; sizeMiB: number; repoId: string; details: ResourceDetails }

/** What is kept of a guest that came; of an ISO, nothing. */
export function detailsOf(guest: ImportedGuest | null, from: Pick<ResourceDetails, 'source' | 'checksum' | 'owner'>): ResourceDetails {
  const { source, checksum, owner } = from
  return {
    vcpus: guest?.vcpus ?? null, memoryMiB: guest?.memoryMiB ?? null, nics: guest ? guest.nics.map(({ bridge }) => ({ bridge: bridge ?? guestDefaults.bridge })) : null, disks: guest?.disks ?? null,
    bootDevice: guest?.bootDevice ?? null, keyboard: guest?.keyboard ?? null, source, checksum, owner, reason: null,
  }
}

/** Makes images guests: off, with addresses of their own, and whoever brought one owns it. A password of its console that came with it is not taken over: others know it. */
export async function makeGuests(tx: Transaction, images: readonly ImageCopy[], nowMs: number, otherwise: string): Promise<void> {
  const { users } = await loadKnown(tx)
  for (const image of images) {
    const { nics, disks, bootDevice, keyboard, vcpus, memoryMiB, owner } = image.details
    const macs = await takeMacs(tx, nics?.length ?? 0)
    const guest: NewGuest = {
      type: image.type, os: image.os, vcpus: vcpus ?? guestDefaults.vcpus, memoryMiB: memoryMiB ?? guestDefaults.memoryMiB, diskMiB: image.sizeMiB, ha: false, haPriority: 0, owner: owner !== null && users.has(owner) ? owner : otherwise, group: null,
      visibility: 'private', template: null, repoId: image.repoId, tags: {}, preferred: [],
      details: {
        nics: (nics ?? []).map(({ bridge }, at) => ({ name: `eth${at}`, bridge, mac: macs[at]! })), disks: (disks ?? []).map(({ name, sizeMiB, file }) => ({ name, kind: 'file', sizeMiB, file: `running_pool/${image.name}/${file}` })),
        cdrom: null, bootDevice: bootDevice ?? 'hdd', cpuPriority: null, cpuCap: null, keyboard, description: null,
      },
    }
    await applyWrites(tx, rowsOf({ targetId: image.id, name: image.name, poolId: image.poolId }, guest, 'powered-off', image.repoId, nowMs).map(write => ({ ...write, how: 'insert' as const })))
  }
}
