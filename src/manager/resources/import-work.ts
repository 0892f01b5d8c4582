import type { FetchOrder } from '../../host/ports.js'
import { naturalKey } from '../../model/names.js'
import { targetKindOf } from '../../model/operations.js'
import type { Transaction } from '../../store/store.js'
import { takenFault } from '../files/decide.js'
import type { FileOperation, FilesDone } from '../files/plan.js'
import { nameKey } from '../files/scene.js'
import { fault } from '../launch.js'
import { importSourceTable, resourceTable } from '../schema.js'
import { detailsOf, makeGuests, type ImageCopy } from './guest-of-image.js'
import type { NewImport } from './new-import.js'

/** `template|image|iso import`: files are fetched, looked at, and wait for somebody to approve them. */
export const importOperation: FileOperation = {
  async look(reader, ids) {
    const rows = await reader.select<{ id: string; source: string }>({ id: 'id', source: 'source' }, 'from import_source where id in (select value from json_each(?))', [JSON.stringify(ids)])
    return new Map(rows.map(row => [row.id, JSON.parse(row.source) as FetchOrder]))
  },
  plan(order, item, scene) {
    const kind = targetKindOf(order.operation)
    const there = scene.objects.get(item.targetId)
    if (there && there.state !== 'error') return { already: there.state, says: `${item.name} was imported already` }
    if (!there && scene.taken.has(nameKey(kind, item.poolId, item.name))) return { fault: takenFault(order, item, scene.pools.get(item.poolId)!), state: null }
    const fetch = scene.seen.get(item.targetId) as FetchOrder | undefined
    if (!fetch) return { fault: fault('import.not-found', `where ${item.name} was to come from is not known any more: it was cancelled or deleted`, 'import it anew'), state: null }
    scene.taken.add(nameKey(kind, item.poolId, item.name))
    const spec = item.spec as NewImport
    const row = { id: item.targetId, kind: fetch.kind, name: item.name, name_key: naturalKey(item.name), pool_id: item.poolId, state: 'importing', type: fetch.type, os: fetch.os, size_mib: 0, details: JSON.stringify(detailsOf(null, spec)) }
    return {
      what: 'fetch', object: { id: item.targetId, name: item.name }, source: null, sizeMiB: 0, repoId: null, lease: item.targetId, fetch, state: 'importing',
      makes: repoId => (there ? [] : [{ table: resourceTable.name, row: { ...row, repo_id: repoId } }]),
      // One that failed before is tried again, wherever there is room now.
      change: there ? { table: resourceTable.name, row: { id: item.targetId, state: 'importing' }, undo: { id: item.targetId, state: 'error' } } : null,
    }
  },
  async done(tx, items) {
    await record(tx, items)
    await tx.remove(importSourceTable, items.map(item => ({ id: item.targetId })))
  },
  // What failed stays listed with its reason, and holds no room (model.md, "Invariants").
  async failed(tx, items) {
    for (const { targetId, error } of items) await tx.run(`update resource set state = 'error', size_mib = 0, details = json_set(details, '$.reason', ?) where id = ?`, [error.message, targetId])
  },
  after: 'pending',
}

/** `vm import`: the same, and what came is approved at once. */
export const guestImportOperation: FileOperation = {
  ...importOperation,
  async done(tx, items) {
    const images = await record(tx, items)
    await tx.remove(resourceTable, items.map(item => ({ id: item.targetId })))
    await tx.remove(importSourceTable, items.map(item => ({ id: item.targetId })))
    for (const [at, image] of images.entries()) await makeGuests(tx, [image], items[at]!.endedAtMs, items[at]!.user)
  },
  after: 'powered-off',
}

/** Records what came. */
async function record(tx: Transaction, items: readonly FilesDone[]): Promise<ImageCopy[]> {
  const images = items.map(({ targetId, name, poolId, repoId, spec, came }): ImageCopy & { type: 'pv' | 'hvm' } => {
    const { sizeMiB, guest } = came!
    return { id: targetId, name, poolId, type: guest?.type as 'pv', os: guest?.os ?? null, sizeMiB, repoId: repoId!, details: detailsOf(guest, spec as NewImport) }
  })
  for (const { id, type, os, sizeMiB, repoId, details } of images) {
    await tx.run(`update resource set state = 'pending', type = ?, os = coalesce(?, os), size_mib = ?, repo_id = ?, details = ? where id = ?`, [type ?? null, os, sizeMiB, repoId, JSON.stringify(details), id])
  }
  return images
}
