import type { Fault } from '../model/errors.js'
import type { Transaction } from '../store/store.js'
import { metaNumber } from './meta.js'
import { activityTable, allColumns, fetchTable, type ActivityRow } from './schema.js'

const aborted: Fault = { code: 'job.aborted', message: 'it was aborted, and what it had done so far was undone', hint: 'run retry does it again', details: null }

/** What can be undone half way: a guest that boots, is saved, restored or moved to another server, and files that are being made. The rest ends by itself sooner than it could be undone. */
const undone = ['create', 'save', 'restore', 'migrate', 'file-make', 'file-copy', 'file-move', 'file-fetch']

/** Lets work on a host end at once, undone, where that is still possible; the jobs of which that is so. */
export async function abortWork(tx: Transaction, hostId: string, jobs: readonly string[]): Promise<string[]> {
  const now = await metaNumber(tx, 'now')
  const rows = await tx.select<ActivityRow>(allColumns(activityTable), `from activity where host_id = ? and ended_at is null and (due_at > ? or (due_at is null and kind = 'file-fetch')) and vm_id is not null and job in (select value from json_each(?))`, [hostId, now, JSON.stringify(jobs)])
  const stopped = rows.filter(row => undone.includes(row.kind))
  await tx.update(activityTable, stopped.map(row => ({ job: row.job, due_at: now, error: JSON.stringify(aborted) })))
  await tx.remove(fetchTable, stopped.map(({ job }) => ({ job })))
  return stopped.map(row => row.job)
}
