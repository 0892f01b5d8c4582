import { fieldsOf, type FieldType, type RecordKind } from '../contract/fields.js'
import { dom0MemoryMiB } from '../model/placement.js'
import { lockDeviceFile, repositoryFolders } from '../model/repositories.js'

/** How the records of a kind are read: from where, each field as an expression, the default order, and the name column. */
export interface RecordSource {
  from: string
  expressions: Readonly<Record<string, string>>
  /** expressions that order a list when nobody chose */
  order: readonly string[]
  /** what names a record for `show`, beside its id; null: only its id */
  name: string | null
  id: string
  poolName: string | null
  /** by what else it can be named; where there is such a thing the name is a device, which has slashes of its own */
  also?: string
  /** the id of the pool it belongs to; null where there is none */
  poolId?: string
  /** the text whose natural order sorts a field, where it is kept */
  sortKeys?: Readonly<Record<string, string>>
}

/**
 * What is free in a repository, as an expression over `repo r`: what is listed takes its room (model.md, "Invariants"), and so
 * does a guest that is on its way there.
 */
export const freeInRepo = `r.size_mib - (select coalesce(sum(u.disk_mib), 0) from vm u where u.repo_id = r.id) - (select coalesce(sum(t.size_mib), 0) from resource t where t.repo_id = r.id)
  - (select coalesce(sum(u.disk_mib), 0) from item i join vm u on u.id = i.lease where i.lease is not null and i.operation = 'vm.move' and i.repo_id = r.id and u.repo_id is not r.id)`
const folderNames = JSON.stringify(repositoryFolders).replaceAll("'", "''")
const foldersIn = (mountPoint: string) => `(select json_group_array(${mountPoint} || '/' || f.value) from json_each('${folderNames}') f)`

const repoName = `(select coalesce(r.device, r.id) from repo r where r.id = %.repo_id)`
const freeMiB = (server: string) => `${server}.memory_mib - ${dom0MemoryMiB} - ${usedOn(server, 'memory_mib')}`
const usedOn = (server: string, column: string) =>
  `((select coalesce(sum(u.${column}), 0) from vm u where u.server_id = ${server}.id) + (select coalesce(sum(u.${column}), 0) from vm u where u.target_server_id = ${server}.id))`
const inPool = (what: string, from: string) => `(select ${what} from ${from} where x.pool_id = p.id)`

const resource = (kind: 'template' | 'image' | 'iso'): RecordSource => ({
  from: `resource t join pool p on p.id = t.pool_id and t.kind = '${kind}'`,
  expressions: { id: 't.id', name: 't.name', pool: 'p.name', state: 't.state', type: 't.type', os: 't.os', sizeMiB: 't.size_mib', repository: repoName.replace('%', 't'), ...resourceDetails(kind) },
  order: ['p.name_key', 't.name_key'], name: 't.name', id: 't.id', poolName: 'p.name', poolId: 't.pool_id', sortKeys: { name: 't.name_key', pool: 'p.name_key' },
})

/** The disks of a guest: its own, and the shared ones that are attached to it. */
const disksOf = `(select json_group_array(json(x.disk)) from (select 0 as rank, j.key as place, j.value as disk from vm_detail d, json_each(d.details, '$.disks') j where d.vm_id = g.id
  union all select 1, a.device, json_object('name', a.device, 'kind', 'shared', 'sizeMiB', t.size_mib, 'file', 'sharedDisk/' || t.name || '.img', 'disk', t.name, 'mode', a.mode) from attachment a join resource t on t.id = a.disk_id where a.vm_id = g.id order by 1, 2) x)`

function resourceDetails(kind: 'template' | 'image' | 'iso'): Record<string, string> {
  return Object.fromEntries(Object.entries(fieldsOf(kind)).filter(([, field]) => field.detail).map(([name]) => [name, `json_extract(t.details, '$.${name}')`]))
}

/** Where each kind of record comes from. A test holds the expressions against the field lists of the contract. */
export const recordSources: Record<RecordKind, RecordSource> = {
  vm: {
    from: 'vm g join pool p on p.id = g.pool_id left join server s on s.id = g.server_id',
    expressions: {
      id: 'g.id', name: 'g.name', pool: 'p.name', server: 's.name', state: 'g.state', type: 'g.type', os: 'g.os', vcpus: 'g.vcpus', memoryMiB: 'g.memory_mib', diskMiB: 'g.disk_mib',
      ha: 'g.ha', haPriority: 'g.ha_priority', owner: 'g.owner', group: 'g.group_name', visibility: 'g.visibility', template: 'g.template', repository: repoName.replace('%', 'g'),
      domainId: 'g.domain_id', vncPort: 'g.vnc_port', tags: 'g.tags', createdAt: 'g.created_at', startedAt: 'g.started_at', ...detailsOf(),
    },
    order: ['p.name_key', 'g.name_key'], name: 'g.name', id: 'g.id', poolName: 'p.name', poolId: 'g.pool_id', sortKeys: { name: 'g.name_key', pool: 'p.name_key', server: 's.name_key' },
  },
  server: {
    from: 'server s join pool p on p.id = s.pool_id',
    expressions: {
      id: 's.id', name: 's.name', pool: 'p.name', address: 's.address', state: 's.state', roles: 's.roles', cpuModel: 's.cpu_model', cpuFamily: 's.cpu_family', cores: 's.cores',
      memoryMiB: 's.memory_mib', memoryFreeMiB: freeMiB('s'), vcpusUsed: usedOn('s', 'vcpus'), vmCount: '(select count(*) from vm u where u.server_id = s.id)', hvm: 's.hvm',
      agentVersion: 's.agent_version', agentState: 's.agent_state', release: 's.release', maintenance: 's.maintenance',
    },
    order: ['p.name_key', 's.name_key'], name: 's.name', id: 's.id', poolName: 'p.name', poolId: 's.pool_id', sortKeys: { name: 's.name_key', pool: 'p.name_key' },
  },
  pool: {
    from: 'pool p left join server m on m.id = p.master_id',
    expressions: {
      id: 'p.id', name: 'p.name',
      state: `case when not exists (select 1 from server x where x.pool_id = p.id) then 'empty' when p.master_id is null or m.state in ('off', 'dead') then 'no-master'
        when exists (select 1 from server x where x.pool_id = p.id and x.state not in ('active', 'maintenance')) then 'degraded' else 'active' end`,
      master: 'm.name', virtualIp: 'p.virtual_ip', ha: 'p.ha', storage: 'p.storage', serverCount: inPool('count(*)', 'server x'), vmCount: inPool('count(*)', 'vm x'),
      runningVmCount: `(select count(*) from vm x where x.pool_id = p.id and x.state = 'running')`, memoryMiB: inPool('coalesce(sum(x.memory_mib), 0)', 'server x'),
      memoryFreeMiB: `(select coalesce(sum(${freeMiB('x')}), 0) from server x where x.pool_id = p.id)`,
    },
    order: ['p.name_key'], name: 'p.name', id: 'p.id', poolName: null, poolId: 'p.id', sortKeys: { name: 'p.name_key', master: 'm.name_key' },
  },
  template: resource('template'),
  image: resource('image'),
  iso: resource('iso'),
  disk: {
    from: `resource t join pool p on p.id = t.pool_id and t.kind = 'disk'`,
    expressions: {
      id: 't.id', name: 't.name', pool: 'p.name', sizeMiB: 't.size_mib', repository: repoName.replace('%', 't'), attachedTo: `(select json_group_array(y.name) from (select x.name from attachment a join vm x on x.id = a.vm_id where a.disk_id = t.id order by x.name_key) y)`,
    },
    order: ['p.name_key', 't.name_key'], name: 't.name', id: 't.id', poolName: 'p.name', poolId: 't.pool_id', sortKeys: { name: 't.name_key', pool: 'p.name_key' },
  },
  repo: {
    from: 'repo r join pool p on p.id = r.pool_id',
    expressions: {
      id: 'r.id', pool: 'p.name', kind: 'r.kind', device: 'r.device', uuid: 'r.uuid', root: 'r.root', qos: 'r.qos', sizeMiB: 'r.size_mib',
      freeMiB: freeInRepo, mountPoint: 'r.mount_point', state: 'r.state', folders: foldersIn('r.mount_point'), lockDevice: `iif(r.kind = 'nfs', r.mount_point || '/${lockDeviceFile}', null)`,
    },
    order: ['p.name_key', 'r.root desc', 'r.id'], name: 'r.device', id: 'r.id', poolName: 'p.name', poolId: 'r.pool_id', also: 'r.uuid', sortKeys: { pool: 'p.name_key' },
  },
  job: {
    // An unchanged item has no job, or names the one it joined.
    from: `item i join run u on u.id = i.run and i.job is not null and i.result is not 'unchanged'`,
    expressions: {
      id: 'i.job', run: 'i.run', operation: 'i.operation', kind: 'i.kind', subject: 'i.name', user: 'u.user', state: 'i.state', step: 'i.step',
      progress: `case when i.ended_at is not null then 100 when i.state = 'running' then coalesce(i.progress, 50) else 0 end`, createdAt: 'i.created_at', startedAt: 'i.started_at', endedAt: 'i.ended_at', reason: 'u.reason', error: 'i.error',
    },
    order: ['u.seq', 'i.ordinal'], name: null, id: 'i.job', poolName: null,
  },
  event: {
    from: 'event e',
    expressions: { id: `'event-' || e.seq`, at: 'e.at', severity: 'e.severity', kind: 'e.kind', subject: 'e.subject', user: 'e.user', run: 'e.run', message: 'e.message', reason: '(select u.reason from run u where u.id = e.run)', change: 'e.change' },
    order: ['e.seq'], name: null, id: `'event-' || e.seq`, poolName: null,
  },
  run: {
    from: 'run u',
    expressions: {
      id: 'u.id', operation: 'u.operation', state: 'u.state', user: 'u.user', total: 'u.total', done: 'u.done', failed: 'u.failed', startedAt: 'u.created_at', endedAt: 'u.ended_at', reason: 'u.reason',
    },
    order: ['u.seq'], name: null, id: 'u.id', poolName: null,
  },
  user: {
    from: 'user h', expressions: { name: 'h.name', role: 'h.role', state: 'h.state', email: 'h.email', groups: 'h.groups', pools: 'h.pools' },
    order: ['natural_key(h.name)'], name: 'h.name', id: 'h.name', poolName: null,
  },
  group: {
    from: 'people_group q',
    expressions: { name: 'q.name', description: 'q.description', members: `(select json_group_array(y.name) from (select h.name from user h where exists (select 1 from json_each(h.groups) j where j.value = q.name) order by natural_key(h.name)) y)` },
    order: ['natural_key(q.name)'], name: 'q.name', id: 'q.name', poolName: null,
  },
}

/** The details that only `show` carries live in a table of their own, as JSON by field name. */
function detailsOf(): Record<string, string> {
  const fields = Object.entries(fieldsOf('vm')).filter(([, field]) => field.detail).map(([name]) => [name, `(select json_extract(d.details, '$.${name}') from vm_detail d where d.vm_id = g.id)`])
  return { ...Object.fromEntries(fields), disks: disksOf, preferredServers: '(select json_group_array(o.name) from json_each(g.preferred) j join server o on o.id = j.value)' }
}

/** The expression that prints a raw value of a field as JSON. */
export function printed(kind: RecordKind, name: string): string {
  const column = `"${name}"`
  switch (fieldsOf(kind)[name]!.type) {
    case 'boolean': return `json(${truthText(column)})`
    case 'list': return `json(coalesce(${column}, '[]'))`
    case 'tags': return `json(coalesce(${column}, '{}'))`
    case 'data': return `json(${column})`
    case 'time': return timeText(column)
    default: return column
  }
}

/** The expression of a raw value as people read it: what a pattern is held against. */
export function asText(type: FieldType, expression: string): string {
  switch (type) {
    case 'boolean': return truthText(expression)
    case 'tags': return `nullif(${expression}, '{}')`
    case 'time': return timeText(expression)
    default: return expression
  }
}

function truthText(expression: string): string {
  return `iif(${expression}, 'true', 'false')`
}

function timeText(ms: string): string {
  return `iif(${ms} % 1000 = 0, strftime('%Y-%m-%dT%H:%M:%SZ', ${ms} / 1000, 'unixepoch'), strftime('%Y-%m-%dT%H:%M:%fZ', ${ms} / 1000.0, 'unixepoch'))`
}
