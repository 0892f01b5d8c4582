import type { Transaction } from '../store/store.js'
import { giveTurn, shareAnew } from './aftermath.js'
import { added, arriving, removed } from './file-orders.js'
import { endRepositoryWork, undoRepositoryWork } from './repository-course.js'
import { activityTable, fetchTable, fileTable, type ActivityRow } from './schema.js'

/** Whether an activity is work on files. */
export function isFileWork(activity: Pick<ActivityRow, 'kind'>): boolean {
  return activity.kind.startsWith('file-')
}

/** Ends work on files whose time has come, well or as was decided when it began. */
export async function endFileWork(tx: Transaction, due: readonly ActivityRow[], nowMs: number): Promise<void> {
  if (due.length === 0) return
  const well = due.filter(activity => activity.error === null)
  const of = (kind: string) => well.filter(activity => activity.kind === kind).map(activity => activity.vm_id!)
  await tx.update(fileTable, [...of('file-make'), ...of('file-copy'), ...of('file-fetch')].map(id => ({ id, whole: 1 })))
  await tx.remove(fileTable, [...of('file-drop'), ...of('file-clear')].map(id => ({ id })))
  for (const id of of('file-move')) {
    await tx.run('update file set repo_id = (select x.repo_id from file x where x.id = ?) where id = ?', [arriving(id), id])
    await tx.remove(fileTable, [{ id: arriving(id) }])
  }
  await join(tx, of('file-grow'), added)
  await tx.remove(fileTable, of('file-shrink').map(id => ({ id: removed(id) })))
  await endRepositoryWork(tx, well)
  await dropPartial(tx, due.filter(activity => activity.error !== null))
  await tx.update(activityTable, due.map(activity => ({ job: activity.job, due_at: null, ended_at: nowMs, error: activity.error })))
  if (due.some(activity => activity.resource1 !== null)) await shareAnew(tx, nowMs)
  await giveTurn(tx, due.map(activity => activity.session), nowMs)
}

/** Removes what work on files leaves that did not come to its end: nothing partial stays (model.md, "Invariants"). */
export async function dropPartial(tx: Transaction, cut: readonly ActivityRow[]): Promise<void> {
  const made = cut.filter(activity => ['file-make', 'file-copy', 'file-fetch'].includes(activity.kind)).map(activity => activity.vm_id!)
  const moved = cut.filter(activity => activity.kind === 'file-move').map(activity => arriving(activity.vm_id!))
  const grown = cut.filter(activity => activity.kind === 'file-grow').map(activity => added(activity.vm_id!))
  await tx.remove(fileTable, [...made, ...moved, ...grown].map(id => ({ id })))
  await join(tx, cut.filter(activity => activity.kind === 'file-shrink').map(activity => activity.vm_id!), removed)
  await undoRepositoryWork(tx, cut)
  await tx.remove(fetchTable, cut.filter(activity => activity.kind === 'file-fetch').map(({ job }) => ({ job })))
}

/** Joins what lay beside the files of objects to them. */
async function join(tx: Transaction, objectIds: readonly string[], besideOf: (objectId: string) => string): Promise<void> {
  for (const id of objectIds) {
    await tx.run('update file set size_mib = size_mib + (select x.size_mib from file x where x.id = ?) where id = ?', [besideOf(id), id])
    await tx.remove(fileTable, [{ id: besideOf(id) }])
  }
}
