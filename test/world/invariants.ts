import { expect } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { operationRow, type RunOperation } from '../../src/model/operations.js'
import { dom0MemoryMiB, vcpusPerCore } from '../../src/model/placement.js'
import type { ServerRole, StorageKind } from '../../src/model/object-states.js'
import { missingRoles } from '../../src/model/server-pools.js'
import { settledStates, type VmState } from '../../src/model/vm-states.js'
import { judged } from '../../src/sim/agent-keys.js'
import type { Reader, Store } from '../../src/store/store.js'

/** Keeps a log of all work that ever began in a world, so that nothing done twice goes unseen. */
export async function logActivities(world: Store): Promise<void> {
  await world.transact(async tx => {
    await tx.run('create table activity_log (job text)')
    await tx.run('create trigger log_activities after insert on activity begin insert into activity_log values (new.job); end')
  })
}

/** What a query answers that looks for what must not be; `what` says what is wrong where it finds something. */
interface Never { what: string; select: Record<string, string>; rest: string }

const neverInWorld: readonly Never[] = [
  { what: 'servers whose guests take more memory than there is', select: { host: 'h.id' }, rest: `from host h left join domain d on d.host_id = h.id or d.target_host_id = h.id group by h.id having coalesce(sum(d.memory_mib), 0) > h.memory_mib - ${dom0MemoryMiB}` },
  { what: 'repositories that hold more than they can', select: { repository: 'r.id' }, rest: 'from repository r join file f on f.repo_id = r.id group by r.id having sum(f.size_mib) > r.size_mib' },
  { what: 'VNC ports used twice', select: { host: 'host_id', port: 'vnc_port' }, rest: 'from domain group by host_id, vnc_port having count(*) > 1' },
  { what: 'jobs done twice', select: { job: 'job' }, rest: 'from activity_log group by job having count(*) > 1' },
  { what: 'objects on which two jobs work at once', select: { object: 'vm_id' }, rest: 'from activity where ended_at is null and vm_id is not null group by vm_id having count(*) > 1' },
  { what: 'guests that run without whole files', select: { guest: 'd.vm_id' }, rest: 'from domain d left join file f on f.id = d.vm_id where coalesce(f.whole, 0) = 0' },
  { what: 'files that are neither whole nor being made', select: { file: 'f.id' }, rest: `from file f where f.whole = 0 and not exists (select 1 from activity a where a.ended_at is null and a.kind in ('file-make', 'file-copy', 'file-move', 'file-grow', 'file-shrink') and a.vm_id = rtrim(f.id, '>+-'))` },
  { what: 'guests that run on files that are being made, moved or dropped', select: { guest: 'd.vm_id' }, rest: `from domain d join activity a on a.vm_id = d.vm_id and a.ended_at is null and a.kind like 'file-%'` },
]

const taken = (of: string) => `(select coalesce(sum(${of}), 0) from vm g where g.server_id = s.id or g.target_server_id = s.id)`

const neverInRecords: readonly Never[] = [
  { what: 'objects changed by two jobs at once', select: { lease: 'lease' }, rest: 'from item where lease is not null group by lease having count(*) > 1' },
  { what: 'objects changed that others read', select: { lease: 'i.lease' }, rest: `from item i join item o on o.source_id = i.lease where i.lease is not null and o.lease is not null and o.lease <> i.lease` },
  {
    what: 'runs whose counts are wrong', select: { run: 'u.id' }, rest: `from run u where u.settled <> (select count(*) from item i where i.run = u.id and i.result is not null)
      or u.done <> (select count(*) from item i where i.run = u.id and i.result = 'done') or u.failed <> (select count(*) from item i where i.run = u.id and i.result = 'failed')`,
  },
  { what: 'jobs under way that hold no lease, or hold one and are not', select: { job: 'job' }, rest: `from item where (lease is not null) <> (state = 'running')` },
  { what: 'guests in a state of which no job is under way', select: { guest: 'g.name', state: 'g.state' }, rest: `from vm g where g.state not in (${settledStates.map(state => `'${state}'`).join()}) and not exists (select 1 from item i where i.lease = g.id)` },
  { what: 'resources that are being made by nobody', select: { resource: 't.name', state: 't.state' }, rest: `from resource t where t.state = 'importing' and not exists (select 1 from item i where i.target_id = t.id and i.lease is not null)` },
  { what: 'servers of which more memory is given than there is', select: { server: 's.name' }, rest: `from server s where ${taken('g.memory_mib')} > s.memory_mib - ${dom0MemoryMiB}` },
  { what: 'servers of which more virtual CPUs are given than there are', select: { server: 's.name' }, rest: `from server s where ${taken('g.vcpus')} > s.cores * ${vcpusPerCore}` },
  { what: 'repositories of which more room is given than there is', select: { repo: 'r.device' }, rest: 'from repo r where (select coalesce(sum(disk_mib), 0) from vm where repo_id = r.id) + (select coalesce(sum(size_mib), 0) from resource where repo_id = r.id) > r.size_mib' },
  // Rules are checked before any agent is contacted: what a server has no room for was never to be asked of it.
  { what: 'jobs that servers refused for want of room', select: { job: 'job', error: 'error' }, rest: `from item where server_id is not null and error ->> 'code' in ('capacity.space', 'capacity.memory')` },
  { what: 'guests of one name in a pool', select: { name: 'name' }, rest: 'from vm group by pool_id, name having count(*) > 1' },
  { what: 'resources of one name and kind in a pool', select: { name: 'name', kind: 'kind' }, rest: 'from resource group by pool_id, kind, name having count(*) > 1' },
  { what: 'addresses of two network cards', select: { mac: 'mac' }, rest: `from (select json_extract(n.value, '$.mac') as mac from vm_detail d, json_each(d.details, '$.nics') n) group by mac having count(*) > 1` },
  { what: 'guests without details, or details without a guest', select: { id: 'id' }, rest: 'from (select id from vm union all select vm_id from vm_detail) group by id having count(*) <> 2' },
  { what: 'what is left of guests that are gone', select: { id: 'vm_id' }, rest: 'from (select vm_id from vm_tag union select vm_id from console union select vm_id from attachment) where vm_id not in (select id from vm)' },
  { what: 'what lies in a repository of another pool, or of none', select: { name: 'o.name' }, rest: 'from (select name, pool_id, repo_id from vm union all select name, pool_id, repo_id from resource where repo_id is not null) o left join repo r on r.id = o.repo_id where r.pool_id is not o.pool_id' },
  { what: 'shared disks that are attached and gone', select: { disk: 'disk_id' }, rest: 'from attachment where disk_id not in (select id from resource)' },
  { what: 'guests whose disks do not add up', select: { guest: 'g.name' }, rest: `from vm g join vm_detail d on d.vm_id = g.id where not exists (select 1 from item i where i.lease = g.id)
      and g.disk_mib <> (select coalesce(sum(j.value ->> 'sizeMiB'), 0) from json_each(d.details, '$.disks') j where j.value ->> 'kind' = 'file')` },
  { what: 'devices that two guests have as a disk', select: { device: 'file' }, rest: `from (select g.pool_id, j.value ->> 'file' as file from vm g join vm_detail d on d.vm_id = g.id, json_each(d.details, '$.disks') j where j.value ->> 'kind' = 'physical') group by pool_id, file having count(*) > 1` },
  { what: 'pools with two roots', select: { pool: 'pool_id' }, rest: 'from repo where root = 1 group by pool_id having count(*) > 1' },
  { what: 'guests whose owner or group is gone', select: { guest: 'name', owner: 'owner', group: 'group_name' }, rest: 'from vm where owner not in (select name from user) or (group_name is not null and group_name not in (select name from people_group))' },
  { what: 'users in groups that are gone, or with pools that are', select: { user: 'u.name' }, rest: 'from user u where exists (select 1 from json_each(u.groups) where value not in (select name from people_group)) or exists (select 1 from json_each(u.pools) where value not in (select name from pool))' },
  { what: 'farms without an administrator', select: { none: '1' }, rest: `from (select 1) where not exists (select 1 from user where role = 'administrator' and state = 'active')` },
]

const neverInSettledRecords: readonly Never[] = [
  { what: 'jobs that never ended', select: { job: 'job' }, rest: `from item where state in ('queued', 'running') or lease is not null or result is null or result = 'unknown'` },
  { what: 'runs that never ended', select: { run: 'id', state: 'state' }, rest: `from run where state <> 'finished'` },
]

/** Every pool has its roles filled, one master who is the one recorded, and no more of local storage than there can be. */
async function checkPools(reader: Reader): Promise<void> {
  const pools = await reader.select<{ id: string; masterId: string | null; ha: number; storage: StorageKind }>({ id: 'id', masterId: 'master_id', ha: 'ha', storage: 'storage' }, 'from pool')
  const servers = await reader.select<{ id: string; poolId: string; roles: string }>({ id: 'id', poolId: 'pool_id', roles: 'roles' }, 'from server')
  for (const { id, masterId, ha, storage } of pools) {
    const members = servers.filter(server => server.poolId === id).map(server => ({ id: server.id, roles: JSON.parse(server.roles) as ServerRole[] }))
    expect(missingRoles(members.map(server => server.roles)), `roles that nobody has in ${id}`).toEqual([])
    expect(members.filter(server => server.roles.includes('master')).map(server => server.id), `the master of ${id}`).toEqual(masterId === null ? [] : [masterId])
    if (storage === 'local') expect([members.length <= 1, ha], `a pool with local storage`).toEqual([true, 0])
  }
}

async function check(reader: Reader, nevers: readonly Never[]): Promise<void> {
  for (const { what, select, rest } of nevers) expect(await reader.select(select, rest), what).toEqual([])
}

interface FileSeen { id: string; repoId: string; sizeMiB: number; whole: number }
interface Listed { id: string; name: string; repoId: string | null; sizeMiB: number; state: string; leased: number }

/** Whatever has its files in a repository, as it is listed. */
function listed(reader: Reader): Promise<Listed[]> {
  const leased = 'exists (select 1 from item i where i.lease is not null and o.id in (i.lease, i.target_id))'
  return reader.select<Listed>({ id: 'id', name: 'name', repoId: 'repo_id', sizeMiB: 'size_mib', state: 'state', leased }, 'from (select id, name, repo_id, disk_mib as size_mib, state from vm union all select id, name, repo_id, size_mib, state from resource) o')
}

/** The invariants of the model that hold at every moment. */
export async function checkInvariants(repository: Store, world: Store): Promise<void> {
  const { files, domains, copying } = await world.read(async reader => {
    await check(reader, neverInWorld)
    return {
      files: await reader.select<FileSeen>({ id: 'id', repoId: 'repo_id', sizeMiB: 'size_mib', whole: 'whole' }, 'from file'),
      domains: new Set((await reader.select<{ id: string }>({ id: 'vm_id' }, 'from domain')).map(row => row.id)),
      copying: await reader.select<{ job: string }>({ job: 'job' }, `from activity where kind = 'file-copy' and ended_at is null`),
    }
  })
  const { objects, sources } = await repository.read(async reader => {
    await check(reader, neverInRecords)
    await checkPools(reader)
    return { objects: new Map((await listed(reader)).map(row => [row.id, row])), sources: copying.length === 0 ? [] : await reader.select<{ id: string }>({ id: 'source_id' }, 'from item where job in (select value from json_each(?))', [JSON.stringify(copying.map(row => row.job))]) }
  })
  const fileOf = new Map(files.map(file => [file.id, file]))
  expect(files.filter(file => !objects.has(file.id.replace(/[>+-]$/, ''))), 'files of what is not listed').toEqual([])
  for (const { id } of sources) {
    expect(fileOf.get(id), 'what is being copied has whole files').toMatchObject({ whole: 1 })
    expect(domains.has(id), `${id} runs while it is being copied`).toBe(false)
  }
  for (const { id, name, repoId, sizeMiB, leased } of objects.values()) {
    if (leased === 0) expect({ name, file: fileOf.get(id) }, 'what nobody works on has its files').toEqual({ name, file: { id, repoId, sizeMiB, whole: 1 } })
  }
}

interface Used { id: string; root: number; used: number }

/** What is recorded takes the room that it takes in the world, repository by repository; holds where nothing is under way. */
export async function checkRoom(repository: Store, world: Store): Promise<void> {
  const used = '(select coalesce(sum(size_mib), 0) from (%) f where f.repo_id = r.id)'
  const recorded = await repository.read(reader => reader.select<Used>({ id: 'r.id', root: 'r.root', used: used.replace('%', 'select repo_id, disk_mib as size_mib from vm union all select repo_id, size_mib from resource') }, 'from repo r order by r.id'))
  const real = await world.read(reader => reader.select<Used>({ id: 'r.id', root: 'r.root', used: used.replace('%', 'select repo_id, size_mib from file') }, 'from repository r order by r.id'))
  expect(recorded, 'repositories, and what they hold in MiB').toEqual(real)
}

/** What a command was told stays so after any crash: only what was not known may become known. */
export async function checkReported(repository: Store, reports: readonly Report[]): Promise<void> {
  for (const report of reports) {
    const rows = await repository.read(reader => reader.select<{ id: string; result: string | null }>({ id: 'target_id', result: 'result' }, 'from item where run = ? order by ordinal', [report.run]))
    report.items.forEach((item, at) => {
      if (item.result === 'done' || item.result === 'failed' || item.result === 'unchanged') expect({ run: report.run, id: item.id, result: rows[at]!.result }).toEqual({ run: report.run, id: item.id, result: item.result })
    })
  }
}

/** Once nothing is under way what was made is there, what could not be made is not, and what was deleted is gone. */
async function checkMade(reader: Reader): Promise<void> {
  const items = await reader.select<{ id: string; name: string; operation: RunOperation; asked: RunOperation; result: string }>({ id: 'i.target_id', name: 'i.name', operation: 'i.operation', asked: 'u.operation', result: 'i.result' }, 'from item i join run u on u.id = i.run order by u.seq, i.ordinal')
  const there = new Set([...(await listed(reader)), ...(await reader.select<{ id: string }>({ id: 'id' }, 'from repo'))].map(object => object.id))
  const outcomes = new Map<string, { name: string; made: boolean; gone: boolean; asked: boolean }>()
  for (const { id, name, operation, asked, result } of items) {
    const { makes, way } = operationRow(asked)
    if (way !== 'files') continue
    const so = outcomes.get(id) ?? { name, made: false, gone: false, asked: false }
    outcomes.set(id, so)
    // Made and to be started is made, whatever became of the start.
    if (makes) Object.assign(so, { asked: true, made: so.made || result === 'done' || operation !== asked })
    else if (/^\w+\.(delete|remove)$/.test(asked) && result === 'done') so.gone = true
  }
  for (const [id, { name, made, gone, asked }] of outcomes) {
    if (asked || gone) expect({ name, there: there.has(id) }, gone ? 'what was deleted is gone' : made ? 'what was made is there' : 'what was not made is not there').toEqual({ name, there: (made || !asked) && !gone })
  }
}

/** What holds once nothing is under way: record and world agree, and every job ended with an outcome that is known. */
export async function checkSettled(repository: Store, world: Store): Promise<void> {
  const { records, servers } = await repository.read(async reader => {
    await check(reader, neverInSettledRecords)
    await checkMade(reader)
    return {
      records: await reader.select<{ id: string; memoryMiB: number; vcpus: number; state: VmState; serverId: string | null; targetId: string | null; domainId: number | null }>({ id: 'id', memoryMiB: 'memory_mib', vcpus: 'vcpus', state: 'state', serverId: 'server_id', targetId: 'target_server_id', domainId: 'domain_id' }, 'from vm'),
      servers: await reader.select<{ id: string; state: string; poolId: string }>({ id: 'id', state: 'state', poolId: 'pool_id' }, 'from server order by id'),
    }
  })
  const { domains, hosts, saved } = await world.read(async reader => ({
    domains: new Map((await reader.select<{ id: string; memoryMiB: number; vcpus: number; state: VmState; serverId: string; domainId: number }>({ id: 'vm_id', memoryMiB: 'memory_mib', vcpus: 'vcpus', state: 'state', serverId: 'host_id', domainId: 'domain_id' }, 'from domain')).map(row => [row.id, row])),
    hosts: await reader.select<{ id: string; power: string; poolId: string; owner: string }>({ id: 'id', power: 'power', poolId: 'pool_id', owner: 'owner' }, 'from host order by id'),
    saved: new Map((await reader.select<{ id: string; saved: number }>({ id: 'id', saved: 'saved' }, 'from file')).map(row => [row.id, row.saved])),
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
    const real = { state: domain?.state ?? (saved.get(record.id) ? 'suspended' : 'powered-off'), serverId: domain?.serverId ?? null, targetId: null, domainId: domain?.domainId ?? null, memoryMiB: domain?.memoryMiB ?? record.memoryMiB, vcpus: domain?.vcpus ?? record.vcpus }
    expect(record).toEqual({ id: record.id, ...real })
  }
}
