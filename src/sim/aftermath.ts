import type { Notice } from '../host/ports.js'
import type { Transaction } from '../store/store.js'
import { shareBandwidth } from './bandwidth.js'
import { nextCounter } from './meta.js'
import { activityTable, allColumns, noticeTable, rowOf, type ActivityRow, type NoticeRow } from './schema.js'

// What follows from almost anything that ends or happens in the world.

/** Notes something for a server to tell. */
export async function addNotice(tx: Transaction, hostId: string, what: Notice['what'], vmId: string | null, nowMs: number): Promise<void> {
  await tx.insert(noticeTable, [rowOf({ id: await nextCounter(tx, 'notices'), host_id: hostId, vm_id: vmId, at: nowMs, what, heard: 0 } satisfies NoticeRow)])
}

/** Shares bandwidth anew among all copies and migrations of the world. */
export async function shareAnew(tx: Transaction, nowMs: number): Promise<void> {
  const flows = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where resource1 is not null and ended_at is null')
  await tx.update(activityTable, shareBandwidth(flows, nowMs).map(rowOf))
}

/** Whoever asked for work that ended gets its turn before the clock moves on. */
export async function giveTurn(tx: Transaction, sessions: readonly (string | null)[], nowMs: number): Promise<void> {
  await tx.run('update session set hold_at = ?, turn = 1 where id in (select value from json_each(?))', [nowMs, JSON.stringify([...new Set(sessions)])])
}
