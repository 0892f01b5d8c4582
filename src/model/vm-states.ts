/** States of a guest, as the contract lists them (Oracle VM 2.2 VirtualMachineBase, in lower case). */
export const vmStates = [
  'running', 'powered-off', 'paused', 'suspended', 'initializing', 'creating', 'cloning', 'deploying', 'deleting',
  'migrating', 'saving', 'pausing', 'unpausing', 'suspending', 'resuming', 'rebooting', 'shutting-down', 'error', 'unknown',
] as const

/** A state of a guest. */
export type VmState = (typeof vmStates)[number]

/** States that a guest rests in: nothing is under way. */
export const settledStates: readonly VmState[] = ['running', 'powered-off', 'paused', 'suspended', 'error', 'unknown']

/** What one operation on a guest may start from, passes through and ends in. */
export interface VmTransition {
  /** states it may start in */
  readonly from: readonly VmState[]
  /** further states it may start in with --force */
  readonly forcedFrom: readonly VmState[]
  /** state while it is under way; null: nothing of the guest changes on the way, as when it is only read */
  readonly via: VmState | null
  /** state after success; null: whatever the server reports, or none, when the guest is gone */
  readonly to: VmState | null
  /** states in which there is nothing to do */
  readonly already: readonly VmState[]
  /** the guest is created on a server, so room must be found for it */
  readonly places: boolean
  /** past tense for events: "guest vm1 started" */
  readonly past: string
}

const any = vmStates

/**
 * The state table of guests (model.md, "Guest states and operations"; Oracle VM 2.2 API, operation → statuses).
 * The manager admits by it, the agents and the simulator act by it, help and docs print it.
 */
export const vmTransitions = {
  start: { from: ['powered-off', 'unknown', 'error'], forcedFrom: [], via: 'initializing', to: 'running', already: ['running'], places: true, past: 'started' },
  stop: { from: ['running', 'unknown', 'error'], forcedFrom: ['paused', 'suspended'], via: 'shutting-down', to: 'powered-off', already: ['powered-off'], places: false, past: 'stopped' },
  reboot: { from: ['running'], forcedFrom: [], via: 'rebooting', to: 'running', already: [], places: false, past: 'rebooted' },
  pause: { from: ['running'], forcedFrom: [], via: 'pausing', to: 'paused', already: ['paused'], places: false, past: 'paused' },
  unpause: { from: ['paused'], forcedFrom: [], via: 'unpausing', to: 'running', already: ['running'], places: false, past: 'unpaused' },
  suspend: { from: ['running'], forcedFrom: [], via: 'suspending', to: 'suspended', already: ['suspended'], places: false, past: 'suspended' },
  resume: { from: ['suspended'], forcedFrom: [], via: 'resuming', to: 'running', already: ['running'], places: true, past: 'resumed' },
  migrate: { from: ['running'], forcedFrom: [], via: 'migrating', to: 'running', already: [], places: true, past: 'migrated' },
  clone: { from: ['powered-off'], forcedFrom: [], via: null, to: 'powered-off', already: [], places: false, past: 'cloned' },
  template: { from: ['powered-off'], forcedFrom: [], via: 'saving', to: 'powered-off', already: [], places: false, past: 'saved as a template' },
  move: { from: ['powered-off'], forcedFrom: [], via: 'deploying', to: 'powered-off', already: [], places: false, past: 'moved' },
  delete: { from: ['powered-off', 'error', 'unknown'], forcedFrom: [], via: 'deleting', to: null, already: [], places: false, past: 'deleted' },
  'reset-status': { from: any, forcedFrom: [], via: null, to: null, already: [], places: false, past: 'reset' },
  update: { from: ['powered-off', 'running'], forcedFrom: [], via: null, to: null, already: [], places: false, past: 'updated' },
} as const satisfies Record<string, VmTransition>

/** An operation on a guest. */
export type VmOperation = keyof typeof vmTransitions

/** The operations on guests, in the order of the table. */
export const vmOperations = Object.keys(vmTransitions) as VmOperation[]

/** The row of an operation. */
export function vmTransition(operation: VmOperation): VmTransition {
  return vmTransitions[operation]
}

/** What the state table says of an operation in a state. */
export function judge(operation: VmOperation, state: VmState, forced: boolean): 'allowed' | 'already' | 'refused' {
  const row = vmTransition(operation)
  if (row.already.includes(state)) return 'already'
  if (row.from.includes(state) || (forced && row.forcedFrom.includes(state))) return 'allowed'
  return 'refused'
}

/** The operations that a guest in a state could be asked for, for hints. */
export function operationsFrom(state: VmState): VmOperation[] {
  return vmOperations.filter(operation => judge(operation, state, false) === 'allowed')
}
