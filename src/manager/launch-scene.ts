import { groupBy } from '../model/group.js'
import { Occupancy } from '../model/limits.js'
import { operationRow, vmVerb } from '../model/operations.js'
import { dom0MemoryMiB, vcpusPerCore } from '../model/placement.js'
import type { Reader } from '../store/store.js'
import { loadHolders, type LeaseRow } from './holders.js'
import type { LaunchLimits, LaunchPool, LaunchScene, LaunchServer, LaunchVm, QueuedItem } from './launch.js'

interface ServerRow { id: string; name: string; poolId: string; pool: string; state: LaunchServer['state']; roles: string; cpu: string; cores: number; memoryMiB: number; hvm: number; maintenance: number; agentState: LaunchServer['agentState']; usedMiB: number; usedVcpus: number }
interface VmRow extends Omit<LaunchVm, 'preferred'> { preferred: string | null }

/** What guests take of each server; a migrating guest takes room on both. */
const usage = `with wanted(id) as (select id from server where pool_id in (select value from json_each(?1)) or id = ?2)
  select server_id, sum(memory_mib) as memory, sum(vcpus) as vcpus from (
  select server_id, memory_mib, vcpus from vm where server_id in (select id from wanted) union all select target_server_id, memory_mib, vcpus from vm where target_server_id in (select id from wanted)) group by server_id`

const vmSelection = {
  id: 'g.id', name: 'g.name', poolId: 'g.pool_id', serverId: 'g.server_id', state: 'g.state', type: 'g.type', memoryMiB: 'g.memory_mib', vcpus: 'g.vcpus', preferred: 'g.preferred',
}

const noServers: string[] = []
const nothing: ReadonlySet<string> = new Set()

/** Loads what launching a set of items needs: their targets, the pools these are in, and work under way there. @param parent the run over servers for whose sake guests are moved */
export async function loadLaunchScene(reader: Reader, kind: 'vm' | 'server', items: readonly QueuedItem[], extraServerId: string | null, limits: LaunchLimits, parent: string | null = null): Promise<LaunchScene> {
  const ids = JSON.stringify(items.map(item => item.targetId))
  const poolIds = JSON.stringify([...new Set(items.map(item => item.poolId))])
  const leases = await reader.select<LeaseRow>({ lease: 'lease', sourceId: 'source_id', job: 'job', operation: 'operation', serverId: 'server_id', targetServerId: 'target_server_id', run: 'run' }, 'from item where lease is not null')
  // What is only read is not to change meanwhile either.
  const leasedBy = new Map([...leases.flatMap(row => (row.sourceId === null ? [] : [[row.sourceId, row.job] as const])), ...leases.map(row => [row.lease, row.job] as const)])
  const runOf = new Map(leases.map(row => [row.lease, row.run]))
  const vms = kind === 'vm' ? await reader.select<VmRow>(vmSelection, 'from vm g where g.id in (select value from json_each(?))', [ids]) : []
  const pools = await reader.select<Omit<LaunchPool, 'servers'>>({ id: 'id', name: 'name', storage: 'storage', masterId: 'master_id', owner: 'owner' }, 'from pool where id in (select value from json_each(?))', [poolIds])
  const servers = await reader.select<ServerRow>({
    id: 's.id', name: 's.name', poolId: 's.pool_id', pool: 'p.name', state: 's.state', roles: 's.roles', cpu: `s.cpu_family || ' ' || s.cpu_model`, cores: 's.cores', memoryMiB: 's.memory_mib', hvm: 's.hvm', maintenance: 's.maintenance', agentState: 's.agent_state',
    usedMiB: 'coalesce(u.memory, 0)', usedVcpus: 'coalesce(u.vcpus, 0)',
  }, `from server s join pool p on p.id = s.pool_id left join (${usage}) u on u.server_id = s.id where s.pool_id in (select value from json_each(?1)) or s.id = ?2 order by s.name`, [poolIds, extraServerId])
  const known = servers.map((row): LaunchServer => ({
    id: row.id, name: row.name, poolId: row.poolId, pool: row.pool, state: row.state, runsGuests: (JSON.parse(row.roles) as string[]).includes('vm'), hvm: row.hvm === 1, cpu: row.cpu, inMaintenance: row.maintenance === 1,
    memoryFreeMiB: row.memoryMiB - dom0MemoryMiB - row.usedMiB, vcpusFree: row.cores * vcpusPerCore - row.usedVcpus, leasedBy: leasedBy.get(row.id) ?? null, leasedIn: runOf.get(row.id) ?? null, agentState: row.agentState,
  }))
  const byPool = groupBy(known, server => server.poolId)
  const whole = (vm: VmRow): LaunchVm => Object.assign(vm, { preferred: vm.preferred === null ? noServers : (JSON.parse(vm.preferred) as string[]), leasedBy: leasedBy.get(vm.id) ?? null })
  return {
    ...limits,
    vms: new Map(vms.map(vm => [vm.id, whole(vm)])),
    pools: new Map(pools.map(pool => [pool.id, { ...pool, servers: byPool.get(pool.id) ?? [] }])),
    servers: new Map(known.map(server => [server.id, server])),
    guestsOn: kind === 'server' ? await loadGuestsOn(reader, [...new Set([...items.map(item => item.targetId), ...known.filter(server => server.leasedBy !== null).map(server => server.id)])], whole) : new Map(),
    avoided: parent === null ? nothing : await queuedServers(reader, parent),
    holders: await loadHolders(reader, leases, new Set(items.map(item => item.targetId)), new Set(items.map(item => item.job))),
    occupancy: occupancyOf(leases, known),
  }
}

async function loadGuestsOn(reader: Reader, serverIds: readonly string[], whole: (vm: VmRow) => LaunchVm): Promise<Map<string, LaunchVm[]>> {
  const rows = await reader.select<VmRow & { on: string }>({ ...vmSelection, on: 'l.value' }, 'from json_each(?) l join vm g on g.server_id = l.value or g.target_server_id = l.value order by g.name_key', [JSON.stringify(serverIds)])
  return groupBy(rows.map(({ on, ...vm }) => ({ ...whole(vm), on })), vm => vm.on)
}

/** Servers whose turn in a run is still to come. */
async function queuedServers(reader: Reader, run: string): Promise<ReadonlySet<string>> {
  return new Set((await reader.select<{ id: string }>({ id: 'target_id' }, `from item where run = ? and state = 'queued'`, [run])).map(row => row.id))
}

function occupancyOf(leases: readonly LeaseRow[], servers: readonly LaunchServer[]): Occupancy {
  const occupancy = new Occupancy()
  const here = new Set(servers.map(server => server.id))
  for (const lease of leases) {
    if (operationRow(lease.operation).way === 'guest') occupancy.begin(vmVerb(lease.operation), ...[lease.serverId, lease.targetServerId].filter((id): id is string => id !== null && here.has(id)))
  }
  return occupancy
}
