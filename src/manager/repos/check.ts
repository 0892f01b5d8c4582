import type { Mounts } from '../../agent/protocol.js'
import type { HealthCheck } from '../../contract/farms.js'
import { kindWords, type RecordKind } from '../../contract/fields.js'
import type { MountedRepository, StoredFiles } from '../../host/ports.js'
import { groupBy } from '../../model/group.js'
import { namesOf } from '../../model/names.js'
import type { ServerState } from '../../model/object-states.js'
import { repositoryFolders, type RepositoryKind } from '../../model/repositories.js'
import { formatMiB } from '../../model/units.js'
import type { Reader } from '../../store/store.js'
import type { Checker } from '../checks.js'
import type { Parts } from '../parts.js'
import { contentsIn, mountedIn } from '../pool-channel.js'
import { freeInRepo } from '../records.js'

/** Of how much of its size a repository has to have free, so that it is not worth a warning. */
const enoughFree = 0.1

/** A repository as it is recorded, with the servers that should have it mounted, and what should lie in it. */
interface Recorded {
  id: string; poolId: string; pool: string; device: string; kind: RepositoryKind; root: number; state: string; sizeMiB: number; freeMiB: number; mountPoint: string
  servers: { id: string; name: string; state: ServerState }[]
  /** `busy`: just being made, moved or deleted, so that record and files may differ for now */
  objects: { id: string; kind: RecordKind; name: string; busy: number }[]
  /** objects from elsewhere that are on their way here */
  arriving: string[]
}

/** `repo check`: who has a repository mounted, its room and its folders, and whether record and files agree. */
export const checkRepos: Checker = async (parts, ids) => {
  const repos = await parts.store.read(reader => load(reader, ids))
  const mounted = new Map(await Promise.all([...new Set(repos.map(repo => repo.poolId))].map(async poolId => [poolId, await mountedIn(parts, poolId)] as const)))
  return (await Promise.all(repos.map(repo => checkRepo(parts, repo, mounted.get(repo.poolId) ?? [])))).flat()
}

async function load(reader: Reader, ids: readonly string[]): Promise<Recorded[]> {
  const repos = await reader.select<Omit<Recorded, 'servers' | 'objects' | 'arriving'>>(
    { id: 'r.id', poolId: 'r.pool_id', pool: 'p.name', device: 'r.device', kind: 'r.kind', root: 'r.root', state: 'r.state', sizeMiB: 'r.size_mib', freeMiB: freeInRepo, mountPoint: 'r.mount_point' },
    'from repo r join pool p on p.id = r.pool_id join json_each(?) j on j.value = r.id order by j.key', [JSON.stringify(ids)])
  const wanted = [JSON.stringify(repos.map(repo => repo.id))]
  const servers = groupBy(await reader.select<Recorded['servers'][number] & { poolId: string }>({ id: 'id', name: 'name', state: 'state', poolId: 'pool_id' }, 'from server where pool_id in (select value from json_each(?)) order by name_key', [JSON.stringify(repos.map(repo => repo.poolId))]), server => server.poolId)
  const objects = groupBy(await reader.select<Recorded['objects'][number] & { repoId: string }>({ id: 'x.id', kind: 'x.kind', name: 'x.name', repoId: 'x.repo_id', busy: 'exists (select 1 from item i where i.lease = x.id)' },
    `from (select id, 'vm' as kind, name, name_key, repo_id from vm union all select id, kind, name, name_key, repo_id from resource) x where x.repo_id in (select value from json_each(?)) order by x.kind, x.name_key`, wanted), object => object.repoId)
  const arriving = groupBy(await reader.select<{ id: string; repoId: string }>({ id: 'target_id', repoId: 'repo_id' }, 'from item where lease is not null and repo_id in (select value from json_each(?))', wanted), item => item.repoId)
  return repos.map(repo => ({ ...repo, servers: servers.get(repo.poolId) ?? [], objects: objects.get(repo.id) ?? [], arriving: (arriving.get(repo.id) ?? []).map(item => item.id) }))
}

async function checkRepo(parts: Parts, repo: Recorded, mounts: readonly Mounts[]): Promise<HealthCheck[]> {
  const about = (what: string, result: HealthCheck['result'], message: string, hint: string | null = null): HealthCheck => ({ check: `repository ${repo.pool}/${repo.device} ${what}`, result, message, hint })
  const mountedOn = mounts.flatMap(({ serverId, repositories }) => repositories.filter(one => one.id === repo.id).map(one => ({ serverId, one })))
  const checks = [checkMounts(repo, mounts, mountedOn, about)]
  const [seen] = mountedOn
  if (!seen) return checks
  const files = await contentsIn(parts, repo.poolId, repo.id)
  return [...checks, checkSpace(repo, about), checkFolders(seen.one, about), ...(repo.kind === 'nfs' ? [checkLock(seen.one, about)] : []), checkFiles(repo, files, about)]
}

type About = (what: string, result: HealthCheck['result'], message: string, hint?: string | null) => HealthCheck

function checkMounts(repo: Recorded, mounts: readonly Mounts[], mountedOn: readonly { serverId: string; one: MountedRepository }[], about: About): HealthCheck {
  if (repo.state !== 'active') return about('mounts', 'warning', `it is ${repo.state}: just being added or taken away`, 'job list --state running shows by whom')
  const has = new Map(mountedOn.map(({ serverId, one }) => [serverId, one]))
  const answered = new Set(mounts.map(({ serverId }) => serverId))
  const missing = repo.servers.filter(server => answered.has(server.id) && !has.has(server.id)).map(server => server.name)
  if (missing.length > 0) return about('mounts', 'error', `not mounted by ${namesOf(missing)}`, 'server restart mounts what belongs to the pool')
  const otherwise = repo.servers.filter(server => { const one = has.get(server.id); return one && (one.mountPoint !== repo.mountPoint || one.root !== (repo.root === 1)) }).map(server => server.name)
  if (otherwise.length > 0) return about('mounts', 'error', `mounted by ${namesOf(otherwise)} otherwise than recorded: not ${repo.root === 1 ? 'as the root, ' : ''}at ${repo.mountPoint}`, 'repo root REPO sets the root anew')
  const silent = repo.servers.filter(server => !answered.has(server.id))
  const off = silent.filter(server => server.state === 'off' || server.state === 'starting')
  const lost = silent.filter(server => !off.includes(server)).map(server => server.name)
  if (lost.length > 0) return about('mounts', answered.size === 0 ? 'error' : 'warning', `${namesOf(lost)} could not be asked`, `server list --pool ${repo.pool} shows how they are`)
  if (answered.size === 0) return about('mounts', 'error', 'no server of the pool is up', `server start --pool ${repo.pool}`)
  if (off.length > 0) return about('mounts', 'warning', `mounted by ${answered.size} of ${repo.servers.length} servers; ${namesOf(off.map(server => server.name))} ${off.length === 1 ? 'is' : 'are'} not up, and will mount it when booting`, `server start --pool ${repo.pool}`)
  return about('mounts', 'ok', `mounted by ${repo.servers.length === 1 ? 'the one server' : `all ${repo.servers.length} servers`} of the pool at ${repo.mountPoint}${repo.root === 1 ? ', as its root' : ''}`)
}

function checkSpace(repo: Recorded, about: About): HealthCheck {
  const left = `${formatMiB(repo.freeMiB)} of ${formatMiB(repo.sizeMiB)} free`
  return repo.freeMiB < repo.sizeMiB * enoughFree ? about('space', 'warning', left, `repo add --pool ${repo.pool} extends the pool; vm move makes room`) : about('space', 'ok', left)
}

function checkFolders({ folders }: MountedRepository, about: About): HealthCheck {
  const missing = repositoryFolders.filter(folder => !folders.includes(folder))
  return missing.length === 0 ? about('folders', 'ok', repositoryFolders.join(', ')) : about('folders', 'error', `there is no ${missing.join(', ')}`, 'make them on a server of the pool')
}

function checkLock({ lockDevice }: MountedRepository, about: About): HealthCheck {
  return lockDevice ? about('lock', 'ok', `the cluster locks by the hidden OCFS2 device ${lockDevice}`) : about('lock', 'error', 'it has no OCFS2 device that the cluster could lock by', 'HA cannot work on it: remove it and add it anew')
}

function checkFiles(repo: Recorded, files: readonly StoredFiles[] | null, about: About): HealthCheck {
  if (files === null) return about('files', 'warning', 'no server could be asked what lies there', `server list --pool ${repo.pool} shows how they are`)
  const there = new Set(files.filter(file => file.whole).map(file => file.objectId))
  const recorded = new Set([...repo.objects.map(object => object.id), ...repo.arriving])
  const lost = repo.objects.filter(object => !object.busy && !there.has(object.id)).map(object => `${kindWords[object.kind]} ${object.name}`)
  if (lost.length > 0) return about('files', 'error', `recorded here, and not there: ${namesOf(lost)}`, 'bring their files back, or delete them')
  const stray = [...there].filter(id => !recorded.has(id))
  if (stray.length > 0) return about('files', 'warning', `there, and recorded nowhere: ${namesOf(stray)}`, `image register --pool ${repo.pool} lists what could be recorded; so do template register and iso register`)
  return about('files', 'ok', `${there.size} recorded, ${there.size} there`)
}
