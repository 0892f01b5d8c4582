import type { FileWork } from '../host/ports.js'
import { Refusal } from '../model/errors.js'
import { isKnownEverywhere } from '../model/repositories.js'
import type { Scene } from './orders.js'
import { physics } from './physics.js'
import type { ActivityRow, RepositoryRow } from './schema.js'

/** Whether work is on a repository itself, and not on files in one. */
export function isRepositoryWork({ what }: FileWork): boolean {
  return what === 'extend' || what === 'root' || what === 'retire'
}

/** Begins work on a repository in a scene. @throws Refusal agent.refused */
export function beginRepositoryWork(scene: Scene, activity: ActivityRow, work: FileWork): void {
  if (work.what === 'extend') {
    const { device, kind, uuid, qos, sizeMiB, release } = work.repository!
    const there = [...scene.repositories.values()].find(row => row.device === device && (row.pool_id === work.poolId || isKnownEverywhere(device)))
    if (there) throw new Refusal('agent.refused', `${device} holds a repository already`, 'repo list shows what there is')
    const row: RepositoryRow = { id: work.objectId, pool_id: work.poolId, device, size_mib: sizeMiB, kind, uuid, root: 0, qos, release, busy: 'making' }
    scene.repositories.set(row.id, row)
    scene.madeRepositories.push(row)
    activity.due_at = scene.nowMs + physics.repositoryMs
    return
  }
  const row = scene.repositories.get(work.objectId)
  if (!row || row.busy) throw new Refusal('agent.refused', `no server of the pool has ${work.name} mounted`, 'repo check shows what they have')
  if (work.what !== 'retire') return
  if (scene.room.get(row.id) !== row.size_mib) throw new Refusal('agent.refused', `there are files in ${work.name}`, 'repo check tells which of them nobody has recorded')
  row.busy = 'leaving'
  scene.changedRepositories.add(row)
}
