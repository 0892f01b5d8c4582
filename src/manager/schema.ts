import type { Table } from '../store/store.js'

/** Version of the tables of the manager's repository. */
export const repositoryVersion = 3

/** What there is one of: `farm`, `seed`, `preset`, `ids` (the counter ids come from), `memberships` (how often pools changed their members or masters). */
export const metaTable: Table = { name: 'meta', columns: { key: 'text', value: 'text' }, key: ['key'], indexes: [] }

export const poolTable: Table = {
  name: 'pool',
  columns: { id: 'text', name: 'text', name_key: 'text', master_id: 'text', virtual_ip: 'text', ha: 'integer', storage: 'text', owner: 'text' },
  key: ['id'], indexes: [['name']],
}

export const serverTable: Table = {
  name: 'server',
  columns: {
    id: 'text', name: 'text', name_key: 'text', pool_id: 'text', address: 'text', state: 'text', roles: 'text', cpu_model: 'text', cpu_family: 'text', cores: 'integer',
    memory_mib: 'integer', hvm: 'integer', agent_version: 'text', agent_state: 'text', release: 'text', maintenance: 'integer',
  },
  key: ['id'], indexes: [['name'], ['pool_id'], ['state']],
}

/** Guests as the manager records them; `preferred` is a JSON array of server ids, null for none. `server_id` counts against a server's room; while migrating `target_server_id` does too. */
export const vmTable: Table = {
  name: 'vm',
  columns: {
    id: 'text', name: 'text', name_key: 'text', pool_id: 'text', server_id: 'text', target_server_id: 'text', state: 'text', type: 'text', os: 'text', vcpus: 'integer',
    memory_mib: 'integer', disk_mib: 'integer', ha: 'integer', ha_priority: 'integer', owner: 'text', group_name: 'text', visibility: 'text', template: 'text', repo_id: 'text',
    domain_id: 'integer', vnc_port: 'integer', tags: 'text', created_at: 'integer', started_at: 'integer', preferred: 'text',
  },
  key: ['id'], indexes: [['pool_id', 'name_key'], ['name'], ['repo_id', 'disk_mib']], sparse: ['server_id', 'target_server_id'],
}

/** What of a guest is only looked at, apart from its row: rows that change with every operation stay small. JSON by field name. */
export const vmDetailTable: Table = { name: 'vm_detail', columns: { vm_id: 'text', details: 'text' }, key: ['vm_id'], indexes: [] }

/** Passwords of servers' agents, for those that want one: shown to nobody, and in no list, event or report. `unsettled` is the job that changed one, until the agent was told to let the one before go. */
export const agentKeyTable: Table = { name: 'agent_key', columns: { server_id: 'text', password: 'text', unsettled: 'text' }, key: ['server_id'], indexes: [] }

/** Passwords of guests' consoles: shown to nobody, and in no list, event or report. */
export const consoleTable: Table = { name: 'console', columns: { vm_id: 'text', password: 'text' }, key: ['vm_id'], indexes: [] }

/** Secrets that runs set, until they are carried out: the records of runs hold none. */
export const runSecretTable: Table = { name: 'run_secret', columns: { run: 'text', secret: 'text' }, key: ['run'], indexes: [] }

/** What guests booted with that were given less since: as long as `started_at` is still theirs, they get no more. */
export const bootTable: Table = { name: 'vm_boot', columns: { vm_id: 'text', started_at: 'integer', vcpus: 'integer', memory_mib: 'integer' }, key: ['vm_id'], indexes: [] }

/** Tags of guests once more, to select by; the guest's own row holds them for output. */
export const tagTable: Table = { name: 'vm_tag', columns: { vm_id: 'text', key: 'text', value: 'text' }, key: ['vm_id', 'key'], indexes: [['key', 'value']] }

/** Templates, images, ISOs and shared disks: what lies in repositories and is no guest. */
export const resourceTable: Table = {
  name: 'resource',
  columns: { id: 'text', kind: 'text', name: 'text', name_key: 'text', pool_id: 'text', state: 'text', type: 'text', os: 'text', size_mib: 'integer', repo_id: 'text', details: 'text' },
  key: ['id'], indexes: [['kind', 'name'], ['repo_id', 'size_mib']],
}

/** Where what is imported comes from (JSON), by the resource: addresses may hold secrets, so nobody is shown them. Kept until it is there, or nobody wants it any more. */
export const importSourceTable: Table = { name: 'import_source', columns: { id: 'text', source: 'text' }, key: ['id'], indexes: [] }

/** Which shared disks are attached to which guests, by what device name; `mode` is w, or r for a guest that only reads. */
export const attachmentTable: Table = { name: 'attachment', columns: { disk_id: 'text', vm_id: 'text', device: 'text', mode: 'text' }, key: ['disk_id', 'vm_id'], indexes: [['vm_id']] }

export const repoTable: Table = {
  name: 'repo',
  columns: { id: 'text', pool_id: 'text', kind: 'text', device: 'text', uuid: 'text', root: 'integer', qos: 'text', size_mib: 'integer', mount_point: 'text', state: 'text' },
  key: ['id'], indexes: [['pool_id']],
}

/** Users; `groups` and `pools` are JSON arrays of names, `password` what scrypt made of it, null for none. */
export const userTable: Table = { name: 'user', columns: { name: 'text', role: 'text', state: 'text', email: 'text', groups: 'text', pools: 'text', password: 'text' }, key: ['name'], indexes: [] }

/** Logins over the wire: of a token only its hash is kept. Times are of the wall clock, in milliseconds. */
export const tokenTable: Table = { name: 'login_token', columns: { hash: 'text', user: 'text', created_at: 'integer', expires_at: 'integer' }, key: ['hash'], indexes: [['user']] }

/** Groups of users; who is in one, the users say. */
export const groupTable: Table = { name: 'people_group', columns: { name: 'text', description: 'text' }, key: ['name'], indexes: [] }

/**
 * What somebody asked for. `session` is the live command that drives it; `detached` runs are driven by whoever moves the clock.
 * `aborts` counts how often jobs of it were aborted that had not begun: whoever drives it then looks which.
 * `parent` is the run for whose sake this one was made (an evacuation), `retry_of` the one it takes up again, `undo_of` the one it takes back.
 */
export const runTable: Table = {
  name: 'run',
  columns: {
    id: 'text', seq: 'integer', request_key: 'text', operation: 'text', state: 'text', user: 'text', reason: 'text', options: 'text', policy: 'text', session: 'text', detached: 'integer',
    parent: 'text', retry_of: 'text', undo_of: 'text', deadline_at: 'integer', finish_by: 'integer', total: 'integer', aborts: 'integer', settled: 'integer', done: 'integer', failed: 'integer', created_at: 'integer', ended_at: 'integer', revision: 'integer',
  },
  key: ['id'], indexes: [['seq'], ['request_key'], ['state'], ['operation', 'seq']], sparse: ['parent', 'retry_of'],
}

/**
 * One target of a run, which is also the job that changes it: `job` is null where nothing had to be done. `lease` names the
 * target while the item may change it, so that no two jobs change one object; `source_id` what it reads meanwhile, so that no job
 * changes that. Stages of a run are launched one after the other. `spec` says what is to be made (JSON), `undo` how to take back
 * what was written when it began (JSON, file-work.ts), `change` what it changed, by field: `{"before":{…},"after":{…}}`,
 * `warnings` what went on all the same (JSON). `progress` is how many of a hundred parts were done when somebody last told.
 */
export const itemTable: Table = {
  name: 'item',
  columns: {
    run: 'text', ordinal: 'integer', stage: 'integer', job: 'text', operation: 'text', kind: 'text', target_id: 'text', name: 'text', pool_id: 'text', lease: 'text', result: 'text', state: 'text', step: 'text',
    server_id: 'text', target_server_id: 'text', repo_id: 'text', source_id: 'text', spec: 'text', undo: 'text', change: 'text', warnings: 'text', after_state: 'text', progress: 'integer', created_at: 'integer', started_at: 'integer', ended_at: 'integer', error: 'text',
  },
  key: ['run', 'ordinal'], indexes: [], sparse: ['job', 'lease'],
}

export const eventTable: Table = {
  name: 'event',
  columns: { seq: 'integer', at: 'integer', severity: 'text', kind: 'text', subject: 'text', subject_id: 'text', user: 'text', run: 'text', message: 'text', change: 'text' },
  key: ['seq'], indexes: [],
}

export const repositoryTables: readonly Table[] = [metaTable, poolTable, serverTable, vmTable, resourceTable, attachmentTable, repoTable, userTable, groupTable, runTable, itemTable, eventTable, tagTable, vmDetailTable, consoleTable, runSecretTable, bootTable, agentKeyTable, importSourceTable, tokenTable]
