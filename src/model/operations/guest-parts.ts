import type { PartOperation } from '../vm-part-states.js'
import type { OperationRow } from './row.js'

/** Operations on the parts of guests: network cards, disks, the CD-ROM. */
export const guestPartRows = {
  'vm.nic-add': { words: 'vm nic add', way: 'records', concerns: 'guests', past: 'given a network card' },
  'vm.nic-update': { words: 'vm nic update', way: 'records', concerns: 'guests', past: 'given another network card' },
  'vm.nic-remove': { words: 'vm nic remove', way: 'records', concerns: 'guests', past: 'relieved of a network card' },
  'vm.disk-add': { words: 'vm disk add', way: 'files', concerns: 'guests', past: 'given a disk' },
  'vm.disk-remove': { words: 'vm disk remove', way: 'files', concerns: 'guests', past: 'relieved of a disk' },
  'vm.cdrom-insert': { words: 'vm cdrom insert', way: 'records', concerns: 'guests', past: 'given a CD' },
  'vm.cdrom-eject': { words: 'vm cdrom eject', way: 'records', concerns: 'guests', past: 'relieved of its CD' },
} as const satisfies Record<`vm.${PartOperation}`, OperationRow>
