import { checkFault, type FaultWish } from '../model/fault-kinds.js'
import type { Reader, Transaction } from '../store/store.js'
import { beginFault, endFault } from './fault-course.js'
import { metaNumber, nextCounter } from './meta.js'
import { allColumns, faultTable, rowOf, type FaultRow } from './schema.js'

/** Notes a fault that begins at a time; one that begins now begins in this transaction. @throws Refusal sim.fault */
export async function addFault(tx: Transaction, wish: FaultWish & { subjectId: string; subject: string; atMs: number }): Promise<FaultRow> {
  const fault: FaultRow = {
    number: 0, kind: checkFault(wish), subject_id: wish.subjectId, subject: wish.subject, state: 'waiting', begin_at: wish.atMs, until_at: wish.forMs === null ? null : wish.atMs + wish.forMs,
    probability: wish.probability, most: wish.count ?? (wish.kind === 'guest-crash' ? 1 : null), asked: 0, occasions: 0, due_at: wish.atMs,
  }
  fault.number = await nextCounter(tx, 'faults')
  await tx.insert(faultTable, [rowOf(fault)])
  const now = await metaNumber(tx, 'now')
  if (wish.atMs <= now) await beginFault(tx, fault, now)
  return fault
}

/** Every fault that was wished for and not cleared, also those that are over. */
export function listFaults(reader: Reader): Promise<FaultRow[]> {
  return reader.select<FaultRow>(allColumns(faultTable), 'from fault order by number')
}

/** Ends faults and forgets them. What they did stays done; what they kept from working works again: power returns, agents answer. */
export async function clearFaults(tx: Transaction, faults: readonly FaultRow[]): Promise<void> {
  const now = await metaNumber(tx, 'now')
  for (const fault of faults) await endFault(tx, fault, now)
  await tx.remove(faultTable, faults.map(({ number }) => ({ number })))
}
