import type { VmState } from './vm-states.js'

/**
 * Operations on the parts of a guest, and the states that they are possible in: network cards and disks are changed while it is
 * off, a CD may be changed while it runs (model.md, "Guest states and operations": update).
 */
export const partStates = {
  'nic-add': ['powered-off'], 'nic-update': ['powered-off'], 'nic-remove': ['powered-off'], 'disk-add': ['powered-off'], 'disk-remove': ['powered-off'],
  'cdrom-insert': ['powered-off', 'running'], 'cdrom-eject': ['powered-off', 'running'],
} as const satisfies Record<string, readonly VmState[]>

/** An operation on a part of a guest. */
export type PartOperation = keyof typeof partStates
