import type { NewRepository } from '../../host/ports.js'
import { kindWords } from '../../contract/fields.js'
import { namesOf } from '../../model/names.js'
import { isOldLayout, mountPointOf } from '../../model/repositories.js'
import type { RecordKind } from '../../contract/fields.js'
import type { Transaction } from '../../store/store.js'
import type { FileOperation, FilePlan, NoPlan } from '../files/plan.js'
import { nameKey, type FilesScene } from '../files/scene.js'
import { fault, type QueuedItem } from '../launch.js'
import { repoTable } from '../schema.js'
import { loadRepoFacts, releaseOf, type RepoFacts } from './facts.js'

/** The repository that is to be changed; where it is just being changed somebody holds the lease, and that is what stands in the way. */
function repoFor(item: QueuedItem, scene: FilesScene): RepoFacts | NoPlan {
  const facts = scene.seen.get(item.targetId) as RepoFacts | undefined
  return facts ?? { fault: fault('not-found.repo', `repository ${item.name} is gone`, 'repo list shows what there is'), state: null }
}

function workOn(item: QueuedItem, what: 'root' | 'retire', change: FilePlan['change'], state: string): FilePlan {
  return { what, object: { id: item.targetId, name: item.name }, source: null, sizeMiB: 0, repoId: item.targetId, lease: item.targetId, makes: () => [], change, state }
}

/** `repo add`: a device or export is initialised, and every member mounts it. */
export const addOperation: FileOperation = {
  plan(_order, item, scene) {
    const repository = item.spec as NewRepository
    const key = nameKey('repo', item.poolId, repository.device)
    if (scene.taken.has(key)) return { fault: fault('repo.in-use', `${repository.device} holds a repository already`, 'repo list shows which'), state: null }
    scene.taken.add(key)
    const row = {
      id: item.targetId, pool_id: item.poolId, kind: repository.kind, device: repository.device, uuid: repository.uuid, root: 0, qos: repository.qos, size_mib: repository.sizeMiB,
      mount_point: mountPointOf(repository.release, repository.uuid, false), state: 'offline',
    }
    return {
      what: 'extend', object: { id: item.targetId, name: item.name }, source: null, sizeMiB: 0, repoId: item.targetId, lease: item.targetId, repository,
      makes: () => [{ table: repoTable.name, row }], change: null, state: 'offline',
    }
  },
  async done(tx, items) {
    await tx.update(repoTable, items.map(item => ({ id: item.targetId, state: 'active' })))
    for (const { targetId, poolId } of items) {
      const [root] = await tx.select<{ id: string }>({ id: 'id' }, 'from repo where pool_id = ? and root = 1', [poolId])
      if (!root) await setRoot(tx, poolId, targetId)
    }
  },
  after: 'active',
}

/** `repo root`: another repository of the pool becomes the one that /OVS is, or links to. */
export const rootOperation: FileOperation = {
  look: loadRepoFacts,
  plan(_order, item, scene) {
    const repo = repoFor(item, scene)
    if ('fault' in repo) return repo
    if (repo.root) return { already: repo.state, says: `repository ${item.name} is the root already` }
    const pool = scene.pools.get(item.poolId)!
    if (repo.ha) return { fault: fault('repo.ha', `pool ${pool.name} has HA: its heartbeat and its lock lie on the root`, `switch the HA of pool ${pool.name} off first`), state: repo.state }
    if (isOldLayout(repo.release) && repo.guestsUp.length > 0) {
      return { fault: fault('repo.busy', `guests of pool ${pool.name} run from /OVS itself before release 2.2: ${namesOf(repo.guestsUp)}`, `vm stop --pool ${pool.name} --yes`, { guests: repo.guestsUp, release: repo.release }), state: repo.state }
    }
    const rootIs = (root: { id: string; name: string } | null) => ({ root: root?.name ?? null, rootId: root?.id ?? null })
    return { ...workOn(item, 'root', null, repo.state), changes: { before: rootIs(repo.rootNow), after: rootIs({ id: item.targetId, name: item.name }) } }
  },
  async done(tx, items) {
    for (const { poolId, targetId } of items) await setRoot(tx, poolId, targetId)
  },
  tells: ({ before }) => (before['root'] === null ? '' : `, in place of ${String(before['root'])}`),
  after: 'active',
}

/** `repo remove`: an empty repository is taken away from every member. What was on the device stays there until something else is written. */
export const removeOperation: FileOperation = {
  look: loadRepoFacts,
  plan(_order, item, scene) {
    const repo = repoFor(item, scene)
    if ('fault' in repo) return repo
    const pool = scene.pools.get(item.poolId)!
    const refused = (code: 'repo.root' | 'repo.not-empty', message: string, hint: string, details: unknown = null): NoPlan => ({ fault: fault(code, message, hint, details), state: repo.state })
    if (repo.root && repo.others > 0) return refused('repo.root', `${item.name} is the root of pool ${pool.name}, which has ${repo.others} other ${repo.others === 1 ? 'repository' : 'repositories'}`, 'repo root REPO makes another the root')
    if (repo.root && repo.ha) return refused('repo.root', `${item.name} is the root of pool ${pool.name}, which has HA`, `switch the HA of pool ${pool.name} off first`)
    if (repo.holdsCount > 0) {
      const named = namesOf(repo.holds.map(held => `${kindWords[held.kind as RecordKind]} ${held.name}`))
      return refused('repo.not-empty', `in ${item.name} of pool ${pool.name} there ${repo.holdsCount === 1 ? 'is' : 'are'} ${named}`, 'move guests away with vm move --repo, delete the rest', { holds: repo.holds, total: repo.holdsCount })
    }
    return workOn(item, 'retire', { table: repoTable.name, row: { id: item.targetId, state: 'offline' }, undo: { id: item.targetId, state: 'active' } }, 'offline')
  },
  done: (tx, items) => tx.remove(repoTable, items.map(item => ({ id: item.targetId }))),
  after: null,
}

/** Makes a repository the root of its pool; before 2.2 that changes where all of them are mounted. */
async function setRoot(tx: Transaction, poolId: string, rootId: string): Promise<void> {
  const rows = await tx.select<{ id: string; uuid: string; release: string }>({ id: 'id', uuid: 'uuid', release: releaseOf('repo.pool_id') }, 'from repo where pool_id = ?', [poolId])
  await tx.update(repoTable, rows.map(({ id, uuid, release }) => ({ id, root: Number(id === rootId), mount_point: mountPointOf(release, uuid, id === rootId) })))
}
