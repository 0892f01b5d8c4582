import { masterlessFault, ownedFault } from '../../model/server-pools.js'
import { kindWords } from '../../contract/fields.js'
import { farmLimits } from '../../model/limits.js'
import { targetKindOf } from '../../model/operations.js'
import { qosFactor } from '../../model/repositories.js'
import { formatMiB } from '../../model/units.js'
import { failed, fault, tooLate, type Holder, type LaunchOrder, type LaunchStep, type QueuedItem } from '../launch.js'
import { articled } from './new-names.js'
import { fileOperationOf } from './operations.js'
import { undoOf, type AlreadySo, type FilePlan } from './plan.js'
import type { FilesPool, FilesScene, Room } from './scene.js'

/** What becomes of an item that is work on files: the rules of its operation, room in a repository, a utility server, and the limits of the farm. */
export function decideFiles(order: LaunchOrder, item: QueuedItem, scene: FilesScene): LaunchStep {
  const pool = scene.pools.get(item.poolId)
  if (!pool) return failed(item, fault('not-found.pool', `the pool of ${item.name} is gone`, 'pool list shows what there is'), null)
  const refusal = refusedBy(pool)
  if (refusal) return failed(item, refusal, scene.objects.get(item.targetId)?.state ?? null)
  const plan = fileOperationOf(order.operation).plan(order, item, scene)
  if ('fault' in plan) return failed(item, plan.fault, plan.state)
  if ('already' in plan) return isSo(order, item, plan)
  const holder = holderOf(item, plan, scene)
  const now = scene.objects.get(item.targetId)?.state ?? null
  if (holder) return { item, kind: 'held', holder, same: holder.operation === order.operation && plan.makes('').length === 0, state: now ?? plan.state }
  const fetches = plan.what === 'fetch'
  const room = (plan.sizeMiB === 0 && !fetches) || plan.what === 'shrink' ? null : roomFor(pool, plan)
  if (room === undefined) return failed(item, noRoom(pool, plan, scene), now)
  const late = tooLate(order, item, order.expectations.expectedMs(order.operation, false, { type: 'pv', memoryMiB: copiedMiB(plan, pool, room) }), scene.nowMs, now)
  if (late) return late
  const copied = plan.what === 'copy' || plan.what === 'move' || fetches ? [...new Set([room?.id, plan.source?.repoId].filter(id => id != null))] : []
  if (copied.some(id => (scene.copies.get(id) ?? 0) >= farmLimits.copiesPerRepository)) return { item, kind: 'wait' }
  const [utility] = [...pool.utilities].sort((a, b) => a.load - b.load)
  if (!utility) return failed(item, fault('pool.no-utility', `no server of pool ${pool.name} with the utility role is up`, `server list --pool ${pool.name} shows states and roles`), now)
  utility.load++
  for (const id of copied) scene.copies.set(id, (scene.copies.get(id) ?? 0) + 1)
  if (room) room.freeMiB -= plan.sizeMiB
  const repoId = room?.id ?? plan.repoId ?? scene.objects.get(plan.object.id)?.repoId ?? ''
  return {
    item, kind: 'begin', serverId: utility.id, targetServerId: null, places: false,
    files: { state: plan.state, lease: plan.lease, repoId: copied.length > 0 ? repoId : null, sourceId: plan.source?.id ?? null, writes: [...plan.makes(repoId).map(write => ({ ...write, how: 'insert' as const })), ...(plan.change ? [{ table: plan.change.table, how: 'update' as const, row: plan.change.row }] : [])], undo: undoOf(plan, repoId), before: now, ...(plan.changes ? { changes: plan.changes } : {}) },
    asked: { by: 'master', request: { job: item.job, operation: 'files', serverId: utility.id, work: { what: plan.what, objectId: plan.object.id, kind: targetKindOf(order.operation), name: plan.object.name, poolId: pool.id, repoId, sizeMiB: fetches ? (room?.freeMiB ?? 0) : plan.sizeMiB, sourceId: plan.source?.id ?? null, ...(plan.repository ? { repository: plan.repository } : {}), ...(plan.fetch ? { fetch: plan.fetch } : {}) } } },
  }
}

/** How much is copied, as if by a device without a class of service: by the slower of where it comes from and where it goes. */
function copiedMiB(plan: FilePlan, pool: FilesPool, target: Room | null): number {
  if (plan.what !== 'copy' && plan.what !== 'move') return 0
  const source = pool.repos.find(repo => repo.id === plan.source?.repoId)
  return plan.sizeMiB / Math.min(qosFactor(source?.qos ?? null), qosFactor(target?.qos ?? null))
}

/** What was asked for is so already; with --strict that is a failure. */
function isSo(order: LaunchOrder, item: QueuedItem, { already, says }: AlreadySo): LaunchStep {
  if (!order.strict) return { item, kind: 'settle', result: 'unchanged', error: null, state: already }
  return failed(item, fault(`${targetKindOf(order.operation)}.unchanged` as 'vm.unchanged', says, 'leave out --strict to take that as success'), already)
}

/** Why nothing can change in a pool. */
export function refusedBy(pool: Pick<FilesPool, 'name' | 'owner' | 'master'>) {
  return masterlessFault(pool) ?? ownedFault(pool)
}

/** Who changes what this would change, or reads it, or changes what this would read. */
function holderOf(item: QueuedItem, plan: FilePlan, scene: FilesScene): Holder | undefined {
  const others = [scene.changedBy.get(plan.lease), scene.readBy.get(plan.lease), plan.source ? scene.changedBy.get(plan.source.id) : undefined]
  const job = others.find(one => one !== undefined && one !== item.job)
  return job === undefined ? undefined : scene.holders.get(job)
}

/** The repository for a plan (model.md, rule 5): most room first, the root on a tie; undefined where there is none with room enough. */
function roomFor(pool: FilesPool, { repoId, sizeMiB }: FilePlan): Room | undefined {
  let best: Room | undefined
  for (const room of pool.repos) {
    if ((repoId !== null && room.id !== repoId) || room.freeMiB < sizeMiB) continue
    if (!best || room.freeMiB > best.freeMiB || (room.freeMiB === best.freeMiB && room.root && !best.root)) best = room
  }
  return best
}

function noRoom(pool: FilesPool, plan: FilePlan, scene: FilesScene) {
  const repos = pool.repos.filter(repo => plan.repoId === null || repo.id === plan.repoId)
  if (repos.length === 0) return fault('pool.no-repository', `pool ${pool.name} has no active repository${plan.repoId === null ? '' : ' of that name'}`, `repo list --pool ${pool.name} shows what there is`)
  const most = Math.max(...repos.map(repo => repo.freeMiB))
  const what = scene.objects.get(plan.object.id)
  return fault('capacity.space', `${what ? `${kindWords[what.kind]} ` : ''}${plan.object.name} takes ${formatMiB(plan.sizeMiB)}, at most ${formatMiB(Math.max(0, most))} are free in a repository of pool ${pool.name}`, `repo list --pool ${pool.name} shows what there is; repo add extends it`)
}

/** A new object whose name something has already. */
export function takenFault(order: LaunchOrder, item: QueuedItem, pool: FilesPool) {
  const kind = targetKindOf(order.operation)
  return fault(`${kind}.exists` as 'vm.exists', `${articled(kindWords[kind])} ${item.name} exists in pool ${pool.name} already`, `choose another name: ${kind} list --pool ${pool.name} shows what there is`)
}
