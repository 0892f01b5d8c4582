import { expect } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import type { ServerRole, StorageKind } from '../../src/model/object-states.js'
import { missingRoles } from '../../src/model/server-pools.js'
import { settledStates, type VmState } from '../../src/model/vm-states.js'
import { judged } from '../../src/sim/agent-keys.js'
import type { Store } from '../../src/store/store.js'

/** Keeps a log of all work that ever began in a world, so that nothing done twice goes unseen. */
export async function logActivities(world: Store): Promise<void> {
  await world.transact(async tx => {
    await tx.run('create table activity_log (job text)')
    await tx.run('create trigger log_activities after insert on activity begin insert into activity_log values (new.job); end')
  })
}

/** The invariants of the model that hold at every moment. */
export async function checkInvariants(repository: Store, world: Store): Promise<void> {
  const { used, ports, twice } = await world.read(async reader => ({
    used: await reader.select<{ host: string }>({ host: 'h.id' }, 'from host h left join domain d on d.host_id = h.id or d.target_host_id = h.id group by h.id having coalesce(sum(d.memory_mib), 0) > h.memory_mib - 1024'),
    ports: await reader.select<{ n: number }>({ n: 'count(*)' }, 'from domain group by host_id, vnc_port having count(*) > 1'),
    twice: await reader.select<{ job: string }>({ job: 'job' }, 'from activity_log group by job having count(*) > 1'),
  }))
  expect(used, 'servers whose guests take more memory than there is').toEqual([])
  expect(ports, 'VNC ports used twice').toEqual([])
  expect(twice, 'jobs done twice').toEqual([])
  const { leases, counts, pools, servers } = await repository.read(async reader => ({
    pools: await reader.select<{ id: string; masterId: string | null; ha: number; storage: StorageKind }>({ id: 'id', masterId: 'master_id', ha: 'ha', storage: 'storage' }, 'from pool'),
    servers: await reader.select<{ id: string; poolId: string; roles: string }>({ id: 'id', poolId: 'pool_id', roles: 'roles' }, 'from server'),
    leases: await reader.select<{ lease: string }>({ lease: 'lease' }, 'from item where lease is not null group by lease having count(*) > 1'),
    counts: await reader.select<{ run: string }>({ run: 'u.id' }, `from run u where u.settled <> (select count(*) from item i where i.run = u.id and i.result is not null)
      or u.done <> (select count(*) from item i where i.run = u.id and i.result = 'done') or u.failed <> (select count(*) from item i where i.run = u.id and i.result = 'failed')`),
  }))
  expect(leases, 'objects changed by two jobs at once').toEqual([])
  expect(counts, 'runs whose counts are wrong').toEqual([])
  for (const { id, masterId, ha, storage } of pools) {
    const members = servers.filter(server => server.poolId === id).map(server => ({ id: server.id, roles: JSON.parse(server.roles) as ServerRole[] }))
    expect(missingRoles(members.map(server => server.roles)), `roles that nobody has in ${id}`).toEqual([])
    expect(members.filter(server => server.roles.includes('master')).map(server => server.id), `the master of ${id}`).toEqual(masterId === null ? [] : [masterId])
    if (storage === 'local') expect([members.length <= 1, ha], `a pool with local storage`).toEqual([true, 0])
  }
}

/** What is recorded takes the room that it takes in the world, repository by repository; holds where nothing is under way. */
export async function checkRoom(repository: Store, world: Store): Promise<void> {
  const used = '(select coalesce(sum(size_mib), 0) from (%) f where f.repo_id = r.id)'
  const recorded = await repository.read(reader => reader.select<Used>({ id: 'r.id', root: 'r.root', used: used.replace('%', 'select repo_id, disk_mib as size_mib from vm union all select repo_id, size_mib from resource') }, 'from repo r order by r.id'))
  const real = await world.read(reader => reader.select<Used>({ id: 'r.id', root: 'r.root', used: used.replace('%', 'select repo_id, size_mib from file') }, 'from repository r order by r.id'))
  expect(recorded, 'repositories, and what they hold in MiB').toEqual(real)
  expect(real.filter(one => one.used < 0)).toEqual([])
}

interface Used { id: string; root: number; used: number }

/** What a command was told stays so after any crash: only what was not known may become known. */
export async function checkReported(repository: Store, reports: readonly Report[]): Promise<void> {
  for (const report of reports) {
    const rows = await repository.read(reader => reader.select<{ id: string; result: string | null }>({ id: 'target_id', result: 'result' }, 'from item where run = ? order by ordinal', [report.run]))
    report.items.forEach((item, at) => {
      if (item.result === 'done' || item.result === 'failed' || item.result === 'unchanged') expect({ run: report.run, id: item.id, result: rows[at]!.result }).toEqual({ run: report.run, id: item.id, result: item.result })
    })
  }
}

/** What holds once nothing is under way: record and world agree, and every job ended with an outcome that is known. */
export async function checkSettled(repository: Store, world: Store): Promise<void> {
  const { open, runs, records, servers } = await repository.read(async reader => ({
    open: await reader.select<{ job: string }>({ job: 'job' }, `from item where state in ('queued', 'running') or lease is not null or result is null or result = 'unknown'`),
    runs: await reader.select<{ id: string; state: string }>({ id: 'id', state: 'state' }, `from run where state <> 'finished'`),
    records: await reader.select<{ id: string; memoryMiB: number; vcpus: number; state: VmState; serverId: string | null; targetId: string | null; domainId: number | null }>({ id: 'id', memoryMiB: 'memory_mib', vcpus: 'vcpus', state: 'state', serverId: 'server_id', targetId: 'target_server_id', domainId: 'domain_id' }, 'from vm'),
    servers: await reader.select<{ id: string; state: string; poolId: string }>({ id: 'id', state: 'state', poolId: 'pool_id' }, 'from server order by id'),
  }))
  expect(open, 'jobs that never ended').toEqual([])
  expect(runs, 'runs that never ended').toEqual([])
  const { domains, hosts, files } = await world.read(async reader => ({
    domains: new Map((await reader.select<{ id: string; memoryMiB: number; vcpus: number; state: VmState; serverId: string; domainId: number }>({ id: 'vm_id', memoryMiB: 'memory_mib', vcpus: 'vcpus', state: 'state', serverId: 'host_id', domainId: 'domain_id' }, 'from domain')).map(row => [row.id, row])),
    hosts: await reader.select<{ id: string; power: string; poolId: string; owner: string }>({ id: 'id', power: 'power', poolId: 'pool_id', owner: 'owner' }, 'from host order by id'),
    files: new Map((await reader.select<{ id: string; saved: number }>({ id: 'id', saved: 'saved' }, 'from file')).map(row => [row.id, row.saved])),
  }))
  await checkRoom(repository, world)
  // Servers that left their pool are there still, and nobody's; one may take itself for a member whose command died before it told it.
  expect(servers.map(({ id, state, poolId }) => ({ id, power: state === 'active' || state === 'maintenance' ? 'on' : 'off', poolId, owner: 'sim' }))).toEqual(hosts.filter(host => servers.some(server => server.id === host.id)))
  const keys = await repository.read(reader => reader.select<{ id: string; password: string }>({ id: 'server_id', password: 'password' }, 'from agent_key'))
  const agents = new Map((await world.read(reader => reader.select<{ id: string; password: string | null; next_password: string | null }>({ id: 'id', password: 'password', next_password: 'next_password' }, 'from host'))).map(row => [row.id, row]))
  const members = keys.filter(({ id }) => servers.some(server => server.id === id))
  expect(members.map(({ id, password }) => judged(agents.get(id)!, password)), 'passwords that are on one side only').not.toContain('refused')
  expect(members.map(({ id }) => id).sort(), 'agents that want a password which nobody has').toEqual([...agents.values()].filter(agent => agent.password !== null && servers.some(server => server.id === agent.id)).map(agent => agent.id).sort())
  for (const record of records) {
    expect(settledStates).toContain(record.state)
    const domain = domains.get(record.id)
    const real = { state: domain?.state ?? (files.get(record.id) ? 'suspended' : 'powered-off'), serverId: domain?.serverId ?? null, targetId: null, domainId: domain?.domainId ?? null, memoryMiB: domain?.memoryMiB ?? record.memoryMiB, vcpus: domain?.vcpus ?? record.vcpus }
    expect(record).toEqual({ id: record.id, ...real })
  }
}
