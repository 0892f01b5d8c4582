import type { Fault } from '../../model/errors.js'
import type { PoolState, ServerRole, ServerState, StorageKind } from '../../model/object-states.js'
import { groupBy } from '../../model/group.js'
import type { PoolShape } from '../../model/server-pools.js'
import type { Reader } from '../../store/store.js'
import { recordSources } from '../records.js'
import type { ItemRecord } from '../run-records.js'

/** A server as it is recorded, for an act on its pool. */
export interface RecordedServer {
  id: string; name: string; poolId: string; address: string; state: ServerState; roles: ServerRole[]; cpuModel: string; cpuFamily: string; cores: number; memoryMiB: number; hvm: number
  agentVersion: string; agentState: string; release: string; maintenance: number
}

/** A pool as it is recorded, for an act on it; its servers in the order of their names. */
export interface RecordedPool extends PoolShape {
  id: string; state: PoolState; masterId: string | null; owner: string; servers: RecordedServer[]
  /** kinds of its repositories, and whether it has an active root on storage that all its servers reach */
  repoKinds: string[]; hasSharedRoot: boolean
}

/** Pools by id. */
export async function loadRecordedPools(reader: Reader, ids: readonly string[]): Promise<Map<string, RecordedPool>> {
  const wanted = [JSON.stringify([...new Set(ids)])]
  const pools = await reader.select<Omit<RecordedPool, 'servers' | 'repoKinds' | 'hasSharedRoot' | 'ha'> & { ha: number; storage: StorageKind }>(
    { id: 'p.id', name: 'p.name', state: recordSources.pool.expressions['state']!, masterId: 'p.master_id', owner: 'p.owner', storage: 'p.storage', ha: 'p.ha', virtualIp: 'p.virtual_ip' }, `from ${recordSources.pool.from} where p.id in (select value from json_each(?))`, wanted)
  const servers = groupBy(await reader.select<Omit<RecordedServer, 'roles'> & { roles: string }>({
    id: 'id', name: 'name', poolId: 'pool_id', address: 'address', state: 'state', roles: 'roles', cpuModel: 'cpu_model', cpuFamily: 'cpu_family', cores: 'cores', memoryMiB: 'memory_mib', hvm: 'hvm', agentVersion: 'agent_version',
    agentState: 'agent_state', release: 'release', maintenance: 'maintenance',
  }, 'from server where pool_id in (select value from json_each(?)) order by name_key', wanted), server => server.poolId)
  const repos = groupBy(await reader.select<{ poolId: string; kind: string; root: number; state: string }>({ poolId: 'pool_id', kind: 'kind', root: 'root', state: 'state' }, 'from repo where pool_id in (select value from json_each(?))', wanted), repo => repo.poolId)
  return new Map(pools.map(pool => {
    const of = repos.get(pool.id) ?? []
    return [pool.id, {
      ...pool, ha: pool.ha === 1, servers: (servers.get(pool.id) ?? []).map(server => ({ ...server, roles: JSON.parse(server.roles) as ServerRole[] })),
      repoKinds: of.map(repo => repo.kind), hasSharedRoot: of.some(repo => repo.root === 1 && repo.kind !== 'local' && repo.state === 'active'),
    }]
  }))
}

/** The states of pools, as they are listed. */
export async function poolStates(reader: Reader, ids: readonly string[]): Promise<Map<string, PoolState>> {
  const rows = await reader.select<{ id: string; state: PoolState }>({ id: 'p.id', state: recordSources.pool.expressions['state']! }, `from ${recordSources.pool.from} where p.id in (select value from json_each(?))`, [JSON.stringify(ids)])
  return new Map(rows.map(row => [row.id, row.state]))
}

/** Why nothing can be done with a pool that was deleted since. */
export function goneFault(item: Pick<ItemRecord, 'name'>): Fault {
  return { code: 'not-found.pool', message: `pool ${item.name} is gone`, hint: 'pool list shows what there is', details: null }
}

/** A server that the pool has for a master, and that is up; null: nothing can change there. */
export function masterOf(pool: RecordedPool): RecordedServer | null {
  return pool.servers.find(server => server.id === pool.masterId && ['active', 'maintenance', 'unreachable'].includes(server.state)) ?? null
}

/** Why nothing can change in a pool without a master; null: it has one, or no servers at all. */
export function masterFault(pool: RecordedPool): Fault | null {
  if (pool.servers.length === 0 || masterOf(pool)) return null
  return { code: 'pool.no-master', message: `pool ${pool.name} has no master that is up`, hint: `pool master ${pool.name} gives it one`, details: null }
}
