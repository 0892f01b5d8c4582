import type { AgentService, Notice, ServerPower } from '../host/ports.js'
import type { TargetKind } from '../model/operations/row.js'
import type { FaultKind } from '../model/fault-kinds.js'
import type { QosClass, RepositoryKind } from '../model/repositories.js'
import type { Row, Table } from '../store/store.js'

/** Version of the world's tables. */
export const worldVersion = 3

/** Numbers and texts of the world that there is one of: `now`, `seed`, `rate`, `anchorWall`, `anchorFarm`, and how many `sessions`, `faults` and `notices` there ever were. */
export const worldMeta: Table = { name: 'meta', columns: { key: 'text', value: 'text' }, key: ['key'], indexes: [] }

/**
 * Servers, those in a pool and those that are nobody's. `owner` is the manager that its agent takes for its own, `roles` a JSON
 * array; `password` is what scrypt made of the agent's password, null: it wants none; `next_password` one that it takes as well until the change,
 * `next_job`, is settled; `agent`
 * is whether the service of the agent runs while the server is up.
 */
export const hostTable: Table = {
  name: 'host',
  columns: {
    id: 'text', name: 'text', pool_id: 'text', memory_mib: 'integer', hvm: 'integer', power: 'text', next_domain: 'integer', address: 'text', cores: 'integer', cpu_family: 'text', cpu_model: 'text',
    release: 'text', agent_version: 'text', owner: 'text', roles: 'text', password: 'text', next_password: 'text', next_job: 'text', agent: 'text',
  },
  key: ['id'], indexes: [],
}

/**
 * Storage that a pool has mounted; servers that are up have mounted all of it. `busy` is `making` or `leaving` while a server
 * initialises it or takes it away: then nobody has it mounted yet, or any more. `release` is of the servers that initialised it.
 */
export const repositoryTable: Table = {
  name: 'repository',
  columns: { id: 'text', pool_id: 'text', device: 'text', size_mib: 'integer', kind: 'text', uuid: 'text', root: 'integer', qos: 'text', release: 'text', busy: 'text' },
  key: ['id'], indexes: [],
}

/**
 * The files of an object in a repository: those of a guest outlive its domain. `saved` is 1 while a suspended image lies beside
 * them; `whole` is 0 while they are being made: the room is taken, and nothing else can be done with them. What is on its way has a row
 * of its own, beside that of its object (file-orders.ts). `kind`
 * and `name` are what their folder says, `config` the vm.cfg of files that came from elsewhere (JSON, `ImportedGuest`).
 */
export const fileTable: Table = {
  name: 'file',
  columns: { id: 'text', pool_id: 'text', repo_id: 'text', size_mib: 'integer', saved: 'integer', whole: 'integer', kind: 'text', name: 'text', config: 'text' },
  key: ['id'], indexes: [['repo_id', 'size_mib']],
}

/**
 * Files that are being fetched from outside, by the job that does it, until all bytes of them have come; `source` is a `FetchOrder`
 * (JSON). `session` is the live command in which it is done; null, or of a dead one: nobody does, and whoever waits goes on with it.
 */
export const fetchTable: Table = {
  name: 'fetch', columns: { job: 'text', object_id: 'text', host_id: 'text', name: 'text', repo_id: 'text', source: 'text', session: 'text', done_bytes: 'integer', total_bytes: 'integer' }, key: ['job'], indexes: [],
}

/** A domain on a hypervisor, with what it has now and the most it can be given. While it migrates it also takes room, and a VNC port, on `target_host_id`. */
export const domainTable: Table = {
  name: 'domain',
  columns: { vm_id: 'text', host_id: 'text', target_host_id: 'text', domain_id: 'integer', vnc_port: 'integer', target_vnc_port: 'integer', state: 'text', type: 'text', memory_mib: 'integer', vcpus: 'integer', most_memory_mib: 'integer', most_vcpus: 'integer', started_at: 'integer' },
  key: ['vm_id'], indexes: [['host_id']], sparse: ['target_host_id'],
}

/**
 * Work under way in the world, by the job that asked for it; once ended it stays until it is acknowledged. `remaining` bytes
 * flow at `rate` bytes a second since `since`; `tail_ms` follow when they are through (of a power cycle: the boot that follows).
 * `vm_id` is null when it is work on the power of the server itself, or on its agent; of work on files it is the object that these are of. An `error` stands there beforehand when how it will end is
 * decided already. Where `due_at` is null it has ended, or files are being fetched and nobody knows yet how many bytes there are.
 */
export const activityTable: Table = {
  name: 'activity',
  columns: {
    job: 'text', kind: 'text', vm_id: 'text', host_id: 'text', target_host_id: 'text', session: 'text', resource1: 'text', resource2: 'text',
    remaining: 'real', rate: 'real', since: 'integer', tail_ms: 'integer', due_at: 'integer', ended_at: 'integer', error: 'text',
  },
  key: ['job'], indexes: [['host_id']], sparse: ['due_at', 'resource1'],
}

/**
 * Live commands that hold the clock: it never moves past `hold_at` while the process lives; null does not hold. `turn` is 1
 * when work that the session asked for ended at `hold_at` and it has not been told; one that is `listening` gets a turn too when others did something.
 */
export const sessionTable: Table = {
  name: 'session', columns: { id: 'text', pid: 'integer', born: 'text', hold_at: 'integer', turn: 'integer', listening: 'integer' }, key: ['id'], indexes: [],
}

/**
 * Faults that somebody wished for, by number. `due_at` is when one begins or ends by itself; `until_at` null: not by itself.
 * `asked` counts the draws of chance, `occasions` how often it struck, at most `most` times.
 */
export const faultTable: Table = {
  name: 'fault',
  columns: {
    number: 'integer', kind: 'text', subject_id: 'text', subject: 'text', state: 'text', begin_at: 'integer', until_at: 'integer', probability: 'real', most: 'integer',
    asked: 'integer', occasions: 'integer', due_at: 'integer',
  },
  key: ['number'], indexes: [],
}

/** What servers have to tell that nobody asked for. `heard` is 1 when the server was found silent since, so that it no longer rings. */
export const noticeTable: Table = {
  name: 'notice', columns: { id: 'integer', host_id: 'text', vm_id: 'text', at: 'integer', what: 'text', heard: 'integer' }, key: ['id'], indexes: [],
}

export const worldTables: readonly Table[] = [worldMeta, hostTable, repositoryTable, fileTable, fetchTable, domainTable, activityTable, sessionTable, faultTable, noticeTable]

export interface HostRow {
  id: string; name: string; pool_id: string | null; memory_mib: number; hvm: number; power: ServerPower; next_domain: number; address: string; cores: number; cpu_family: string; cpu_model: string
  release: string; agent_version: string; owner: string | null; roles: string; password: string | null; next_password: string | null; next_job: string | null; agent: AgentService
}
export interface RepositoryRow { id: string; pool_id: string; device: string; size_mib: number; kind: RepositoryKind; uuid: string; root: number; qos: QosClass | null; release: string; busy: 'making' | 'leaving' | null }
export interface FileRow { id: string; pool_id: string; repo_id: string; size_mib: number; saved: number; whole: number; kind: TargetKind; name: string; config: string | null }
export interface FetchRow { job: string; object_id: string; host_id: string; name: string; repo_id: string; source: string; session: string | null; done_bytes: number; total_bytes: number | null }
export interface DomainRow {
  vm_id: string; host_id: string; target_host_id: string | null; domain_id: number; vnc_port: number; target_vnc_port: number | null
  state: string; type: 'pv' | 'hvm'; memory_mib: number; vcpus: number; most_memory_mib: number; most_vcpus: number; started_at: number
}
export interface ActivityRow {
  job: string; kind: string; vm_id: string | null; host_id: string; target_host_id: string | null; session: string | null
  resource1: string | null; resource2: string | null; remaining: number | null; rate: number | null; since: number | null; tail_ms: number
  due_at: number | null; ended_at: number | null; error: string | null
}

export interface SessionRow { id: string; pid: number; born: string; hold_at: number | null; turn: number; listening: number }
export interface FaultRow {
  number: number; kind: FaultKind; subject_id: string; subject: string; state: 'waiting' | 'active' | 'over'; begin_at: number; until_at: number | null
  probability: number | null; most: number | null; asked: number; occasions: number; due_at: number | null
}
export interface NoticeRow { id: number; host_id: string; vm_id: string | null; at: number; what: Notice['what']; heard: number }

/** A row as the store writes it. */
export function rowOf(row: object): Row {
  return { ...row } as Row
}

const selections = new WeakMap<Table, Record<string, string>>()

/** The selection that reads every column of a table under its own name. */
export function allColumns(table: Table): Readonly<Record<string, string>> {
  let selection = selections.get(table)
  if (!selection) selections.set(table, (selection = Object.fromEntries(Object.keys(table.columns).map(column => [column, column]))))
  return selection
}
