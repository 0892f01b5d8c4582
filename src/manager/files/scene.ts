import { groupBy } from '../../model/group.js'
import type { RepoState, ResourceState, ServerState } from '../../model/object-states.js'
import { isKnownEverywhere, isRepositoryMeant, type QosClass } from '../../model/repositories.js'
import { operationRow, targetKindOf, type RunOperation } from '../../model/operations.js'
import type { TargetKind } from '../../model/operations/row.js'
import type { VmState } from '../../model/vm-states.js'
import type { Reader } from '../../store/store.js'
import { loadDisksScene, type DisksScene } from './disks.js'
import { loadHolders, type LeaseRow } from '../holders.js'
import type { Holder, LaunchLimits, QueuedItem } from '../launch.js'
import { freeInRepo } from '../records.js'
import type { FileOperation } from './plan.js'

/** An object with files in a repository: a guest, or a template, image, ISO or shared disk; or a repository itself. */
export interface Stored { id: string; kind: TargetKind; name: string; poolId: string; state: VmState | ResourceState | RepoState; sizeMiB: number; repoId: string | null }

/** A repository, and what is free in it. */
export interface Room { id: string; name: string; uuid: string; root: boolean; qos: QosClass | null; freeMiB: number }

/** What work on files looks at of a pool; `utilities` are servers that are up and have the utility role. */
export interface FilesPool { id: string; name: string; owner: string; master: { name: string; state: ServerState } | null; repos: Room[]; utilities: { id: string; name: string; load: number }[] }

/** The state of things at one launch of work on files, from which the launch takes what it reserves. */
export interface FilesScene extends LaunchLimits {
  objects: Map<string, Stored>
  pools: Map<string, FilesPool>
  /** names of what there is, as `nameKey` writes them */
  taken: Set<string>
  /** what else the rules of the operation look at, by target */
  seen: ReadonlyMap<string, unknown>
  /** jobs that change an object, and jobs that read one, each one of them, by the object's id */
  changedBy: Map<string, string>
  readBy: Map<string, string>
  holders: Map<string, Holder>
  /** of what giving and taking disks looks at; null for anything else */
  disks: DisksScene | null
  /** copies under way, by repository */
  copies: Map<string, number>
}

interface FilesLease extends LeaseRow { repoId: string | null }

/** How `taken` writes a name. */
export function nameKey(kind: TargetKind, poolId: string, name: string): string {
  // A repository goes by its device: by some names every pool knows the same one.
  if (kind === 'repo' && isKnownEverywhere(name)) return `repo everywhere ${name}`
  return `${kind} ${poolId} ${name}`
}

/** Loads what launching work on files needs: the objects it is about, their pools, and work under way. */
export async function loadFilesScene(reader: Reader, operation: RunOperation, look: FileOperation['look'], items: readonly QueuedItem[], limits: LaunchLimits): Promise<FilesScene> {
  const ids = [...new Set(items.flatMap(item => (item.sourceId ? [item.targetId, item.sourceId] : [item.targetId])))]
  const objects = await loadStored(reader, ids)
  const poolIds = JSON.stringify([...new Set([...items.map(item => item.poolId), ...objects.map(object => object.poolId)])])
  const leases = await reader.select<FilesLease>({ lease: 'lease', sourceId: 'source_id', job: 'job', operation: 'operation', serverId: 'server_id', targetServerId: 'target_server_id', repoId: 'repo_id', run: 'run' }, 'from item where lease is not null')
  const scene: FilesScene = {
    ...limits, seen: look ? await look(reader, items.map(item => item.targetId), items) : new Map(), objects: new Map(objects.map(object => [object.id, object])), pools: await loadPools(reader, poolIds, leases), taken: await namesTaken(reader, targetKindOf(operation), items),
    changedBy: new Map(leases.map(row => [row.lease, row.job])), readBy: new Map(leases.flatMap(row => (row.sourceId === null || row.sourceId === row.lease ? [] : [[row.sourceId, row.job]]))),
    holders: await loadHolders(reader, leases, new Set(ids), new Set(items.map(item => item.job))), copies: new Map(),
    disks: operation === 'vm.disk-add' || operation === 'vm.disk-remove' ? await loadDisksScene(reader, items) : null,
  }
  for (const { operation: of, repoId } of leases) if (repoId !== null && operationRow(of).way === 'files') scene.copies.set(repoId, (scene.copies.get(repoId) ?? 0) + 1)
  return scene
}

/** Objects by id, with where their files are and how much room they take. */
export async function loadStored(reader: Reader, ids: readonly string[]): Promise<Stored[]> {
  const wanted = [JSON.stringify(ids)]
  const vms = await reader.select<Omit<Stored, 'kind'>>({ id: 'id', name: 'name', poolId: 'pool_id', state: 'state', sizeMiB: 'disk_mib', repoId: 'repo_id' }, 'from vm where id in (select value from json_each(?))', wanted)
  const rest = await reader.select<Stored>({ id: 'id', kind: 'kind', name: 'name', poolId: 'pool_id', state: 'state', sizeMiB: 'size_mib', repoId: 'repo_id' }, 'from resource where id in (select value from json_each(?))', wanted)
  const repos = await reader.select<Omit<Stored, 'kind'>>({ id: 'id', name: 'device', poolId: 'pool_id', state: 'state', sizeMiB: 'size_mib', repoId: 'id' }, 'from repo where id in (select value from json_each(?))', wanted)
  return [...vms.map((vm): Stored => ({ ...vm, kind: 'vm' })), ...rest, ...repos.map((repo): Stored => ({ ...repo, kind: 'repo' }))]
}

/** The repository of a pool that somebody means. */
export function roomNamed<R extends Pick<Room, 'id' | 'name' | 'uuid'>>(repos: readonly R[], wanted: string, pool: string): R | undefined {
  return repos.find(({ id, uuid, name }) => isRepositoryMeant(wanted, { id, uuid, device: name }, pool))
}

async function loadPools(reader: Reader, poolIds: string, leases: readonly LeaseRow[]): Promise<Map<string, FilesPool>> {
  const pools = await reader.select<{ id: string; name: string; owner: string; master: string | null; masterState: ServerState | null }>({ id: 'p.id', name: 'p.name', owner: 'p.owner', master: 'm.name', masterState: 'm.state' }, 'from pool p left join server m on m.id = p.master_id where p.id in (select value from json_each(?))', [poolIds])
  const repos = groupBy(await reader.select<Omit<Room, 'root'> & { poolId: string; root: number }>({ id: 'r.id', poolId: 'r.pool_id', name: 'coalesce(r.device, r.id)', uuid: 'r.uuid', root: 'r.root', qos: 'r.qos', freeMiB: freeInRepo }, `from repo r where r.state = 'active' and r.pool_id in (select value from json_each(?)) order by r.root desc, r.id`, [poolIds]), row => row.poolId)
  const servers = groupBy(await reader.select<{ id: string; poolId: string; name: string; roles: string }>({ id: 'id', poolId: 'pool_id', name: 'name', roles: 'roles' }, `from server where state in ('active', 'maintenance') and pool_id in (select value from json_each(?)) order by name_key`, [poolIds]), row => row.poolId)
  const loads = new Map<string, number>()
  for (const { operation, serverId } of leases) if (serverId !== null && operationRow(operation).way === 'files') loads.set(serverId, (loads.get(serverId) ?? 0) + 1)
  return new Map(pools.map(({ master, masterState, ...pool }) => [pool.id, {
    ...pool, master: master === null ? null : { name: master, state: masterState! },
    repos: (repos.get(pool.id) ?? []).map(({ id, name, uuid, qos, freeMiB, root }) => ({ id, name, uuid, qos, freeMiB, root: root === 1 })),
    utilities: (servers.get(pool.id) ?? []).filter(server => (JSON.parse(server.roles) as string[]).includes('utility')).map(({ id, name }) => ({ id, name, load: loads.get(id) ?? 0 })),
  }]))
}

/** The names of new objects that something there has already. */
async function namesTaken(reader: Reader, kind: TargetKind, items: readonly QueuedItem[]): Promise<Set<string>> {
  return new Set((await existing(reader, kind, items.filter(item => item.spec).map(item => item.name))).map(row => nameKey(kind, row.poolId, row.name)))
}

/** Objects of a kind that have one of some names, in whatever pool. */
export function existing(reader: Reader, kind: TargetKind, names: readonly string[]): Promise<{ kind: TargetKind; name: string; poolId: string }[]> {
  if (names.length === 0) return Promise.resolve([])
  if (kind === 'repo') return reader.select({ kind: `'repo'`, name: 'device', poolId: 'pool_id' }, 'from repo where device in (select value from json_each(?))', [JSON.stringify(names)])
  const wanted = JSON.stringify(names)
  // An image becomes a guest of its name: they lie in one folder, so they share their names.
  if (kind === 'vm' || kind === 'image') return reader.select({ kind: 'kind', name: 'name', poolId: 'pool_id' }, `from (select 'vm' as kind, name, pool_id from vm where name in (select value from json_each(?1)) union all select kind, name, pool_id from resource where kind = 'image' and name in (select value from json_each(?1)))`, [wanted])
  return reader.select({ kind: 'kind', name: 'name', poolId: 'pool_id' }, 'from resource where kind = ? and name in (select value from json_each(?))', [kind, wanted])
}
