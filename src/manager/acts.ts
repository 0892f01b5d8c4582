import type { OperationOptions, RunRequest } from '../contract/requests.js'
import type { Fault } from '../model/errors.js'
import type { RunOperation } from '../model/operations.js'
import type { Reader, Transaction } from '../store/store.js'
import type { Parts } from './parts.js'
import type { Caller } from './principal.js'
import type { ItemRecord, RunRecord } from './run-records.js'
import type { Target } from './targets.js'

/** What changed, field by field, as people know the fields: for the journal, and for taking it back. Never a secret. */
export interface Change { before: Record<string, unknown>; after: Record<string, unknown> }

/** How an item of a run ends that changes records only. */
export interface ActEnd { result: 'done' | 'unchanged' | 'failed'; error: Fault | null; /** of the target, afterwards */ state: string | null; event?: string; change?: Change; /** what is not as it should be, and was done all the same: told on stderr and as events */ warnings?: readonly string[] }

/** An item that fails. */
export function failedEnd(error: Fault, state: string | null): ActEnd {
  return { result: 'failed', error, state }
}

/** A run that is carried out, with the items of it that wait. */
export interface Acting<P> { run: RunRecord; items: readonly ItemRecord[]; nowMs: number; prepared: P }

/** An operation on the records, all targets in one commit. */
export interface Act<P = unknown> {
  /** Refuses what is wrong with the request as a whole, before a run of it is recorded. */
  check?(reader: Reader, caller: Caller, request: RunRequest, targets: readonly Target[]): Promise<void>
  /** What servers have to say or to be told before, outside of the commit; a crash may let it be done again with the same jobs. */
  prepare?(parts: Parts, run: RunRecord, items: readonly ItemRecord[]): Promise<P>
  /** Writes what changes, and says how each item ends, in their order. What makes objects finds in `spec` what they are to be. */
  carryOut(tx: Transaction, acting: Acting<P>): Promise<ActEnd[]>
  /** What servers are to be told once it is recorded, such as that they are free. Where a crash falls before it, the next who needs it so does it again. */
  after?(parts: Parts, acting: Acting<P>, ends: readonly ActEnd[]): Promise<void>
  /** Takes back what `prepare` told servers, where it could not be recorded. */
  takeBack?(parts: Parts, prepared: P): Promise<void>
}

/** What is asked of an item: of it alone, where a run that takes another back asks something else of each, or of all. */
export function askedOf(run: RunRecord, item: ItemRecord): OperationOptions {
  return { ...run.options, ...(item.spec as { options?: Partial<OperationOptions> } | null)?.options }
}

/** The acts, each in its room, which is loaded when it is needed. */
const acts: Partial<Record<RunOperation, () => Promise<unknown>>> = {
  'vm.update': async () => (await import('./guests/update.js')).updateAct,
  'vm.nic-add': async () => (await import('./guests/parts.js')).nicAddAct,
  'vm.nic-update': async () => (await import('./guests/parts.js')).nicUpdateAct,
  'vm.nic-remove': async () => (await import('./guests/parts.js')).nicRemoveAct,
  'vm.cdrom-insert': async () => (await import('./guests/parts.js')).cdromInsertAct,
  'vm.cdrom-eject': async () => (await import('./guests/parts.js')).cdromEjectAct,
  'disk.attach': async () => (await import('./disks/attach.js')).attachAct,
  'disk.detach': async () => (await import('./disks/attach.js')).detachAct,
  'server.update': async () => (await import('./servers/update.js')).updateServerAct,
  'agent.configure': async () => (await import('./servers/configure-agent.js')).configureAgentAct,
  'template.approve': approves, 'image.approve': approves, 'iso.approve': approves, 'template.register': registers, 'image.register': registers, 'iso.register': registers,
  'vm.reset-status': async () => (await import('./guests/reset-status.js')).resetStatusAct,
  'pool.create': async () => (await import('./pools/create.js')).createAct,
  'pool.update': async () => (await import('./pools/update.js')).updatePoolAct,
  'pool.delete': async () => (await import('./pools/delete.js')).deletePoolAct,
  'pool.add-server': async () => (await import('./pools/add-server.js')).addServerAct,
  'pool.remove-server': async () => (await import('./pools/remove-server.js')).removeServerAct,
  'pool.master': async () => (await import('./pools/master.js')).masterAct,
  'pool.refresh': async () => (await import('./pools/refresh.js')).refreshAct,
  'pool.restore': async () => (await import('./pools/restore.js')).restoreAct,
  'server.remove': async () => (await import('./pools/remove-server.js')).removeServerAct,
  'user.create': async () => (await import('./people/create-user.js')).userCreateAct,
  'user.update': async () => (await import('./people/update-user.js')).userUpdateAct,
  'user.delete': async () => (await import('./people/delete-user.js')).userDeleteAct,
  'user.password': async () => (await import('./people/user-password.js')).userPasswordAct,
  'user.lock': async () => (await import('./people/lock-user.js')).lockAct('locked'),
  'user.unlock': async () => (await import('./people/lock-user.js')).lockAct('active'),
  'user.grant': async () => (await import('./people/grants.js')).grantAct,
  'user.revoke': async () => (await import('./people/grants.js')).revokeAct,
  'group.create': async () => (await import('./people/groups.js')).groupCreateAct,
  'group.update': async () => (await import('./people/groups.js')).groupUpdateAct,
  'group.delete': async () => (await import('./people/groups.js')).groupDeleteAct,
  'group.add': async () => (await import('./people/groups.js')).membersAct(true),
  'group.remove': async () => (await import('./people/groups.js')).membersAct(false),
}

async function approves(): Promise<unknown> {
  return (await import('./resources/approve.js')).approveAct
}

async function registers(): Promise<unknown> {
  return (await import('./resources/register.js')).registerAct
}

/** The act of an operation that changes records only. */
export async function actOf(operation: RunOperation): Promise<Act<unknown>> {
  return (await acts[operation]!()) as Act<unknown>
}
