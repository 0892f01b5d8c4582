import type { Fault } from '../model/errors.js'
import type { RunOperation } from '../model/operations.js'
import type { Transaction } from '../store/store.js'
import type { Parts } from './parts.js'
import type { ItemRecord, RunRecord } from './run-records.js'

/** What changed, field by field, as people know the fields: for the journal, and for taking it back. Never a secret. */
export interface Change { before: Record<string, unknown>; after: Record<string, unknown> }

/** How an item of a run ends that changes records only. */
export interface ActEnd { result: 'done' | 'unchanged' | 'failed'; error: Fault | null; /** of the target, afterwards */ state: string | null; event?: string; change?: Change }

/** A run that is carried out, with the items of it that wait. */
export interface Acting<P> { run: RunRecord; items: readonly ItemRecord[]; nowMs: number; prepared: P }

/** An operation on the records, all targets in one commit. */
export interface Act<P = unknown> {
  /** What servers have to say or to be told before, outside of the commit; a crash may let it be done again with the same jobs. */
  prepare?(parts: Parts, run: RunRecord, items: readonly ItemRecord[]): Promise<P>
  /** Writes what changes, and says how each item ends, in their order. What makes objects finds in `spec` what they are to be. */
  carryOut(tx: Transaction, acting: Acting<P>): Promise<ActEnd[]>
}

/** The acts, each in its room, which is loaded when it is needed. */
const acts: Partial<Record<RunOperation, () => Promise<unknown>>> = {
  'vm.update': async () => (await import('./guests/update.js')).updateAct,
  'vm.nic-add': async () => (await import('./guests/parts.js')).nicAddAct,
  'vm.nic-update': async () => (await import('./guests/parts.js')).nicUpdateAct,
  'vm.nic-remove': async () => (await import('./guests/parts.js')).nicRemoveAct,
  'vm.cdrom-insert': async () => (await import('./guests/parts.js')).cdromInsertAct,
  'vm.cdrom-eject': async () => (await import('./guests/parts.js')).cdromEjectAct,
  'vm.reset-status': async () => (await import('./guests/reset-status.js')).resetStatusAct,
}

/** The act of an operation that changes records only. */
export async function actOf(operation: RunOperation): Promise<Act<unknown>> {
  return (await acts[operation]!()) as Act<unknown>
}
