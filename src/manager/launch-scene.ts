import { groupBy } from '../model/group.js'
import { Occupancy } from '../model/limits.js'
import { dom0MemoryMiB, vcpusPerCore } from '../model/placement.js'
import type { VmOperation } from '../model/vm-states.js'
import type { Reader } from '../store/store.js'
import type { LaunchPool, LaunchScene, LaunchServer, LaunchVm } from './launch.js'

interface ServerRow { id: string; name: string; poolId: string; pool: string; state: LaunchServer['state']; roles: string; cpu: string; cores: number; memoryMiB: number; hvm: number; usedMiB: number; usedVcpus: number }
interface VmRow extends Omit<LaunchVm, 'preferred'> { preferred: string | null }

/** What guests take of each server; a migrating guest takes room on both. */
const usage = `select server_id, sum(memory_mib) as memory, sum(vcpus) as vcpus from (
  select server_id, memory_mib, vcpus from vm where server_id is not null union all select target_server_id, memory_mib, vcpus from vm where target_server_id is not null) group by server_id`

/** Loads what launching a set of targets needs: these guests, the pools they are in, and work under way there. */
export async function loadLaunchScene(reader: Reader, vmIds: readonly string[], extraServerId: string | null, slots: number): Promise<LaunchScene> {
  const vms = await reader.select<VmRow>({
    id: 'g.id', name: 'g.name', poolId: 'g.pool_id', serverId: 'g.server_id', state: 'g.state', type: 'g.type', memoryMiB: 'g.memory_mib', vcpus: 'g.vcpus',
    preferred: `json_extract(g.details, '$.preferredServers')`, leasedBy: '(select i.job from item i where i.lease = g.id limit 1)',
  }, 'from vm g where g.id in (select value from json_each(?))', [JSON.stringify(vmIds)])
  const poolIds = JSON.stringify([...new Set(vms.map(vm => vm.poolId))])
  const pools = await reader.select<Omit<LaunchPool, 'servers'>>({ id: 'id', name: 'name', storage: 'storage', masterId: 'master_id', owner: 'owner' }, 'from pool where id in (select value from json_each(?))', [poolIds])
  const servers = await reader.select<ServerRow>({
    id: 's.id', name: 's.name', poolId: 's.pool_id', pool: 'p.name', state: 's.state', roles: 's.roles', cpu: `s.cpu_family || ' ' || s.cpu_model`, cores: 's.cores', memoryMiB: 's.memory_mib', hvm: 's.hvm',
    usedMiB: 'coalesce(u.memory, 0)', usedVcpus: 'coalesce(u.vcpus, 0)',
  }, `from server s join pool p on p.id = s.pool_id left join (${usage}) u on u.server_id = s.id where s.pool_id in (select value from json_each(?)) or s.id = ? order by s.name`, [poolIds, extraServerId])
  const known = servers.map((row): LaunchServer => ({
    id: row.id, name: row.name, poolId: row.poolId, pool: row.pool, state: row.state, runsGuests: (JSON.parse(row.roles) as string[]).includes('vm'), hvm: row.hvm === 1, cpu: row.cpu,
    memoryFreeMiB: row.memoryMiB - dom0MemoryMiB - row.usedMiB, vcpusFree: row.cores * vcpusPerCore - row.usedVcpus,
  }))
  const byPool = groupBy(known, server => server.poolId)
  return {
    vms: new Map(vms.map(vm => [vm.id, { ...vm, preferred: vm.preferred === null ? [] : (JSON.parse(vm.preferred) as string[]) }])),
    pools: new Map(pools.map(pool => [pool.id, { ...pool, servers: byPool.get(pool.id) ?? [] }])),
    servers: new Map(known.map(server => [server.id, server])),
    occupancy: await loadOccupancy(reader, known),
    slots,
  }
}

async function loadOccupancy(reader: Reader, servers: readonly LaunchServer[]): Promise<Occupancy> {
  const occupancy = new Occupancy()
  const here = new Set(servers.map(server => server.id))
  const running = await reader.select<{ operation: string; serverId: string | null; targetServerId: string | null }>({ operation: 'operation', serverId: 'server_id', targetServerId: 'target_server_id' }, 'from item where lease is not null')
  for (const item of running) {
    occupancy.begin(item.operation.slice(3) as VmOperation, ...[item.serverId, item.targetServerId].filter((id): id is string => id !== null && here.has(id)))
  }
  return occupancy
}
