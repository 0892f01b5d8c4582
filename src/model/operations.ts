import { guestPartRows } from './operations/guest-parts.js'
import { guestRows } from './operations/guests.js'
import { peopleRows } from './operations/people.js'
import { poolRows } from './operations/pools.js'
import { resourceRows } from './operations/resources.js'
import type { OperationRow, TargetKind } from './operations/row.js'
import { serverRows } from './operations/servers.js'
import { storageRows } from './operations/storage.js'
import { serverTransition, type ServerOperation } from './server-states.js'
import type { VmOperation } from './vm-states.js'

export { targetKinds, type TargetKind } from './operations/row.js'

/** Every operation that a run can have, by its name `TOPIC.VERB`: the one table from which permissions, confirmations and help derive. */
const operationRows = { ...guestRows, ...guestPartRows, ...serverRows, ...poolRows, ...peopleRows, ...storageRows, ...resourceRows } as const

/** What a run does to its targets: `vm.start`, `server.stop`. */
export type RunOperation = keyof typeof operationRows

/** Every operation that a run can have. */
export const runOperations = Object.keys(operationRows) as RunOperation[]

/** Whether a name is that of an operation of a run. */
export function isOperation(name: string): name is RunOperation {
  return Object.hasOwn(operationRows, name)
}

/** The row of an operation. */
export function operationRow(operation: RunOperation): OperationRow {
  return operationRows[operation]
}

/** When an operation wants a confirmation. */
export function confirmationOf(operation: RunOperation): 'always' | 'many' | 'never' {
  return operationRow(operation).confirm ?? 'never'
}

/** The kind of object that an operation is asked of: mostly the topic of its command. */
export function kindOf(operation: RunOperation): TargetKind {
  return operationRow(operation).of ?? (operation.slice(0, operation.indexOf('.')) as TargetKind)
}

/** An operation as people say it: the words of its command. */
export function operationWords(operation: RunOperation): string {
  return operationRow(operation).words ?? operation.replace('.', ' ')
}

/** The kind of the targets of its runs: what it makes, or is done to. */
export function targetKindOf(operation: RunOperation): TargetKind {
  return operationRow(operation).makes ?? operationRow(operation).targets ?? kindOf(operation)
}

/** The verb of an operation on guests that is in their state table. */
export function vmVerb(operation: RunOperation): VmOperation {
  return operation.slice(3) as VmOperation
}

/** The verb of an operation on servers or their agents that is in their state table. */
export function serverVerb(operation: RunOperation): ServerOperation {
  return (operation.startsWith('server.') ? operation.slice(7) : operation.replace('.', '-')) as ServerOperation
}

/** Whether an operation moves the guests of a server away, unasked. */
export function movesGuestsAway(operation: RunOperation): boolean {
  return operationRow(operation).way === 'power' && serverTransition(serverVerb(operation)).empties === 'always'
}

/** Whether an operation changes records only: it is done in one commit. */
export function isInstant(operation: RunOperation): boolean {
  return operationRow(operation).way === 'records'
}
