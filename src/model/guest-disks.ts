import type { VmType } from './object-states.js'

/** A disk that is a guest's own, as it is recorded: a file, or a device of its servers (`physical`), whose size nobody asked. */
export interface GuestDisk { name: string; kind: 'file' | 'physical'; sizeMiB: number | null; file: string }

const letters = (prefix: string, some: string) => [...some].map(letter => `${prefix}${letter}`)

/**
 * What the disks of a guest are called inside of it, in the order in which they are given. pv: the first sixteen of Xen's block
 * devices; hvm: IDE, whose third is the CD-ROM, then the seven of the SCSI adapter that QEMU emulates.
 */
const diskNames: Record<VmType, readonly string[]> = { pv: letters('xvd', 'abcdefghijklmnop'), hvm: [...letters('hd', 'abd'), ...letters('sd', 'abcdefg')] }

/** The name that the next disk of a guest gets; null when it has as many as it can. */
export function nextDiskName(type: VmType, taken: readonly string[]): string | null {
  // A guest that ran otherwise before has disks of other names: they count.
  if (taken.length >= diskNames[type].length) return null
  return diskNames[type].find(name => !taken.includes(name)) ?? null
}

/** What the disks of a guest can be called. */
export function diskNamesOf(type: VmType): readonly string[] {
  return diskNames[type]
}

/** The name that the next network card of a guest gets. */
export function nextNicName(nics: readonly { name: string }[]): string {
  let number = 0
  while (nics.some(nic => nic.name === `eth${number}`)) number++
  return `eth${number}`
}

/** The file of a new disk in the folder of its guest, which no other disk of it has. */
export function newDiskFile(guest: string, name: string, disks: readonly { file: string }[]): string {
  const file = (suffix: string) => `running_pool/${guest}/${name}${suffix}.img`
  let suffix = ''
  for (let number = 2; disks.some(disk => disk.file === file(suffix)); number++) suffix = `-${number}`
  return file(suffix)
}

/** Whether a text can be the path of a device on a server. */
export function isDevicePath(text: string): boolean {
  return /^\/dev(\/[A-Za-z0-9][A-Za-z0-9._:+-]*)+$/.test(text) && text.length <= 200
}
