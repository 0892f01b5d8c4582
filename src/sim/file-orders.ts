import { Refusal, type Fault } from '../model/errors.js'
import type { Reader } from '../store/store.js'
import { newActivity } from './activity.js'
import { bytesPerMiB } from './bandwidth.js'
import { breakHalfWay, filesBroken } from './copy-failure.js'
import type { FileOrder, Scene } from './orders.js'
import { diskResource, physics } from './physics.js'
import { beginRepositoryWork, isRepositoryWork } from './repository-orders.js'
import type { ActivityRow, FileRow } from './schema.js'

/** MiB that are free in the repositories that orders write to, by repository. */
export async function freeRoom(reader: Reader, orders: readonly FileOrder[]): Promise<Map<string, number>> {
  const ids = [...new Set(orders.map(order => order.work.repoId))]
  if (ids.length === 0) return new Map()
  const rows = await reader.select<{ id: string; free: number }>({ id: 'r.id', free: 'r.size_mib - (select coalesce(sum(f.size_mib), 0) from file f where f.repo_id = r.id)' }, 'from repository r where r.id in (select value from json_each(?))', [JSON.stringify(ids)])
  return new Map(rows.map(row => [row.id, row.free]))
}

/** Begins work on files in a scene, on the server that is told. @throws Refusal agent.refused, agent.unreachable, capacity.space, vm.missing */
export function beginFileWork(scene: Scene, { hostId, ticket, work }: FileOrder): void {
  const host = scene.hosts.get(hostId)
  if (!host || host.power !== 'on') throw new Refusal('agent.unreachable', `server ${host?.name ?? hostId} is not running`, 'server list shows which are')
  const activity: ActivityRow = { ...newActivity(`file-${work.what}`, ticket.job, host.id, ticket.session, work.objectId), due_at: scene.nowMs + physics.fileMs }
  if (isRepositoryWork(work)) {
    beginRepositoryWork(scene, activity, work)
    scene.activities.push(activity)
    return
  }
  const free = (id: string): FileRow => {
    const file = scene.files.get(id)
    if (!file) throw new Refusal('vm.missing', `the files of ${work.name} are in no repository of server ${host.name}`)
    if (!file.whole || scene.domains.has(id)) throw new Refusal('agent.refused', `the files of ${work.name} are in use`, 'try again when nothing runs on them')
    return file
  }
  const flow = (sizeMiB: number, from: string, to: string) => {
    const disk = (id: string) => diskResource(id, scene.repositories.get(id)?.qos ?? null)
    Object.assign(activity, { resource1: disk(from), resource2: from === to ? null : disk(to), remaining: sizeMiB * bytesPerMiB, tail_ms: physics.fileMs })
    if (scene.faults.strike('copy-fail', work.objectId, from, to)) breakHalfWay(activity, sizeMiB, scene.nowMs, filesBroken)
  }
  const make = (sizeMiB: number) => {
    if (scene.files.has(work.objectId)) throw new Refusal('agent.refused', `there are files of ${work.name} already`)
    take(scene, work.repoId, sizeMiB, work.name)
    const file: FileRow = { id: work.objectId, pool_id: work.poolId, repo_id: work.repoId, size_mib: sizeMiB, saved: 0, whole: 0, kind: work.kind, name: work.name, config: null }
    scene.files.set(file.id, file)
    scene.madeFiles.push(file)
  }
  switch (work.what) {
    case 'make': make(work.sizeMiB); break
    case 'copy': {
      const source = free(work.sourceId!)
      make(work.sizeMiB)
      flow(source.size_mib, source.repo_id, work.repoId)
      break
    }
    case 'move': {
      const file = free(work.objectId)
      take(scene, work.repoId, file.size_mib, work.name)
      // Where it goes to holds the room for it from now on.
      scene.madeFiles.push({ ...file, id: arriving(file.id), repo_id: work.repoId, saved: 0, whole: 0 })
      flow(file.size_mib, file.repo_id, work.repoId)
      break
    }
    case 'drop': free(work.objectId); break
    case 'grow': {
      const file = free(work.objectId)
      take(scene, file.repo_id, work.sizeMiB, work.name)
      scene.madeFiles.push({ ...file, id: added(file.id), size_mib: work.sizeMiB, saved: 0, whole: 0 })
      break
    }
    case 'shrink': {
      const file = free(work.objectId)
      if (work.sizeMiB > file.size_mib) throw new Refusal('agent.refused', `the files of ${work.name} take ${file.size_mib} MiB: ${work.sizeMiB} MiB of them are not there`)
      file.size_mib -= work.sizeMiB
      scene.changedFiles.add(file)
      scene.madeFiles.push({ ...file, id: removed(file.id), size_mib: work.sizeMiB, saved: 0, whole: 0 })
      break
    }
    case 'fetch':
      make(0)
      // How long it takes is known when all has come.
      activity.due_at = null
      scene.fetches.begun.push({ job: ticket.job, object_id: work.objectId, host_id: host.id, name: work.name, repo_id: work.repoId, source: JSON.stringify(work.fetch), session: null, done_bytes: 0, total_bytes: null })
      break
    case 'clear':
      for (const fetching of scene.fetches.underWay.filter(one => one.vm_id === work.objectId)) {
        Object.assign(fetching, { due_at: scene.nowMs, error: JSON.stringify(fetchCancelled) })
        scene.fetches.cut.push(fetching)
      }
      if (scene.files.get(work.objectId)?.whole) free(work.objectId)
      break
  }
  scene.activities.push(activity)
}

/** Why fetching ends that somebody cancelled. */
const fetchCancelled: Fault = { code: 'job.aborted', message: 'the import was cancelled', hint: 'run retry begins it anew', details: null }

/** The name under which files arrive that are being moved. */
export function arriving(objectId: string): string {
  return `${objectId}>`
}

/** The name of a file that comes to those of an object, until it is whole. */
export function added(objectId: string): string {
  return `${objectId}+`
}

/** The name of a file that goes from those of an object, until it is gone: its room is not free before. */
export function removed(objectId: string): string {
  return `${objectId}-`
}

function take(scene: Scene, repoId: string, sizeMiB: number, name: string): void {
  const free = scene.room.get(repoId)
  if (free === undefined || scene.repositories.get(repoId)?.busy) throw new Refusal('agent.refused', `there is no repository ${repoId} to keep ${name} in`)
  if (sizeMiB > free) throw new Refusal('capacity.space', `the repository has ${free} MiB free, ${sizeMiB} are needed for ${name}`)
  scene.room.set(repoId, free - sizeMiB)
}
