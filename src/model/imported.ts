import type { VmType } from './object-states.js'

/** A disk that came with an imported guest. */
export interface ImportedDisk { name: string; sizeMiB: number; file: string }

/** A guest or template as the files that came tell it: what its vm.cfg says, as far as anybody uses it. Never a password. */
export interface ImportedGuest {
  type: VmType
  os: string | null
  vcpus: number
  memoryMiB: number
  nics: { bridge: string | null }[]
  disks: ImportedDisk[]
  bootDevice: 'hdd' | 'cdrom' | 'pxe'
  keyboard: string | null
}

/** Files that lie in a repository: the room they take, and what guest they are of; null: of none (an ISO), or nobody looked. */
export interface ImportedFiles { sizeMiB: number; guest: ImportedGuest | null }
