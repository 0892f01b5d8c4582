import { serverOperations, type ServerOperation } from './server-states.js'
import { vmOperations, type VmOperation } from './vm-states.js'

/** Kinds of objects that acting verbs are aimed at. */
export type TargetKind = 'vm' | 'server'

/** What a run does to its targets: `vm.start`, `server.stop`. */
export type RunOperation = `vm.${VmOperation}` | `server.${ServerOperation}`

/** Every operation that a run can have. */
export const runOperations: readonly RunOperation[] = [...vmOperations.map(verb => `vm.${verb}` as const), ...serverOperations.map(verb => `server.${verb}` as const)]

/** Operations that always want a confirmation (cli.md, "Confirmation"). */
const confirmedAlways: readonly RunOperation[] = ['server.stop', 'server.restart']
/** Operations that want one for more than one target, a glob or a narrowing. */
const confirmedWhenMany: readonly RunOperation[] = ['vm.stop', 'vm.reboot', 'vm.suspend']

/** When an operation wants a confirmation. */
export function confirmationOf(operation: RunOperation): 'always' | 'many' | 'never' {
  return confirmedAlways.includes(operation) ? 'always' : confirmedWhenMany.includes(operation) ? 'many' : 'never'
}

/** The kind of object that an operation is aimed at. */
export function kindOf(operation: RunOperation): TargetKind {
  return operation.startsWith('vm.') ? 'vm' : 'server'
}

/** The verb of an operation on guests. */
export function vmVerb(operation: RunOperation): VmOperation {
  return operation.slice(3) as VmOperation
}

/** The verb of an operation on servers. */
export function serverVerb(operation: RunOperation): ServerOperation {
  return operation.slice(7) as ServerOperation
}

/** Whether an operation changes records only: it is done in one commit, no agent changes anything. */
export function isInstant(operation: RunOperation): boolean {
  return operation === 'vm.reset-status' || operation === 'vm.update'
}
