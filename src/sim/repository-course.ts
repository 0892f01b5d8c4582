import type { Transaction } from '../store/store.js'
import { repositoryTable, type ActivityRow } from './schema.js'

const idsOf = (work: readonly ActivityRow[], kind: string) => work.filter(activity => activity.kind === kind).map(activity => activity.vm_id!)

/** Ends work on repositories that went well. The first of a pool is its root. */
export async function endRepositoryWork(tx: Transaction, well: readonly ActivityRow[]): Promise<void> {
  for (const id of idsOf(well, 'file-extend')) {
    await tx.run(`update repository set busy = null, root = iif(exists (select 1 from repository o where o.pool_id = repository.pool_id and o.root = 1), 0, 1) where id = ?`, [id])
  }
  for (const id of idsOf(well, 'file-root')) await tx.run('update repository set root = iif(id = ?, 1, 0) where pool_id = (select r.pool_id from repository r where r.id = ?)', [id, id])
  await tx.remove(repositoryTable, idsOf(well, 'file-retire').map(id => ({ id })))
}

/** Takes back what work on repositories began that did not come to its end. */
export async function undoRepositoryWork(tx: Transaction, cut: readonly ActivityRow[]): Promise<void> {
  await tx.remove(repositoryTable, idsOf(cut, 'file-extend').map(id => ({ id })))
  await tx.update(repositoryTable, idsOf(cut, 'file-retire').map(id => ({ id, busy: null })))
}
