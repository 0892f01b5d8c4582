import type { GuestInspection, Notice, Outcome, PowerOutcome, ServerPower, AgentService, FetchProgress, LyingFiles } from '../host/ports.js'
import type { ImportedGuest } from '../model/imported.js'
import type { TargetKind } from '../model/operations/row.js'
import type { Fault } from '../model/errors.js'
import type { Reader } from '../store/store.js'
import { factsOf } from './endings.js'
import { allColumns, domainTable, noticeTable, type DomainRow, type FileRow, type NoticeRow } from './schema.js'

// What the world answers when it is asked what came of something. Nothing here writes.

/** An ended activity with what is there of its guest now. */
type EndedRow = { job: string; on: string; endedAt: number; error: string | null; saved: number | null; state: string | null; vm_id: string; kind: string; sizeMiB: number | null; config: string | null } & Omit<DomainRow, 'state'>

/** Outcomes of work on guests that nobody acknowledged yet, by host in the order asked. */
export async function guestOutcomes(reader: Reader, hostIds: readonly string[]): Promise<Outcome[][]> {
  // What a server reports of a guest is read when it is asked, from the domain or, where there is none, from the files.
  const rows = await reader.select<EndedRow>({
    job: 'a.job', kind: 'a.kind', sizeMiB: 'f.size_mib', config: 'f.config', on: 'a.host_id', endedAt: 'a.ended_at', error: 'a.error', vm_id: 'a.vm_id', saved: 'f.saved', host_id: 'd.host_id', domain_id: 'd.domain_id', vnc_port: 'd.vnc_port', target_vnc_port: 'd.target_vnc_port', state: 'd.state', started_at: 'd.started_at',
  }, 'from activity a left join domain d on d.vm_id = a.vm_id left join file f on f.id = a.vm_id where a.host_id in (select value from json_each(?)) and a.ended_at is not null and a.vm_id is not null order by a.ended_at, a.job', [JSON.stringify(hostIds)])
  const byHost = new Map<string, Outcome[]>(hostIds.map(id => [id, []]))
  for (const row of rows) {
    const facts = row.state === null ? factsOf(row.vm_id, row.saved ? 'suspended' : 'powered-off', undefined) : factsOf(row.vm_id, row.state, { ...row, state: row.state })
    byHost.get(row.on)!.push({ job: row.job, serverId: row.on, endedAtMs: row.endedAt, error: faultIn(row.error), facts, ...(row.kind === 'file-fetch' && row.error === null ? { came: { sizeMiB: row.sizeMiB!, guest: guestIn(row.config) } } : {}) })
  }
  return hostIds.map(id => byHost.get(id)!)
}

/** Outcomes of work on a host's power that nobody acknowledged yet. */
export async function powerOutcomes(reader: Reader, hostId: string): Promise<PowerOutcome[]> {
  const rows = await reader.select<{ job: string; endedAt: number; error: string | null; power: ServerPower; agent: AgentService }>({ job: 'a.job', endedAt: 'a.ended_at', error: 'a.error', power: 'h.power', agent: 'h.agent' },
    'from activity a join host h on h.id = a.host_id where a.host_id = ? and a.ended_at is not null and a.vm_id is null order by a.ended_at, a.job', [hostId])
  return rows.map(({ job, endedAt, error, power, agent }) => ({ job, serverId: hostId, endedAtMs: endedAt, error: faultIn(error), power, agent: power === 'on' ? agent : 'stopped' }))
}

/** Of some jobs, those that have an activity on a host: on guests, or on its power. */
export async function knownJobs(reader: Reader, hostId: string, jobs: readonly string[], of: 'guests' | 'power'): Promise<string[]> {
  const rows = await reader.select<{ job: string }>({ job: 'job' }, `from activity where host_id = ? and vm_id is ${of === 'guests' ? 'not null' : 'null'} and job in (select value from json_each(?))`, [hostId, JSON.stringify(jobs)])
  return rows.map(row => row.job)
}

/** Notices that nobody acknowledged yet, by host in the order asked. */
export async function noticesOn(reader: Reader, hostIds: readonly string[], acknowledged: ReadonlySet<number>): Promise<Notice[][]> {
  const rows = await reader.select<NoticeRow>(allColumns(noticeTable), 'from notice order by id')
  const open = rows.filter(row => !acknowledged.has(row.id)).map((row): Notice => ({ id: row.id, serverId: row.host_id, vmId: row.vm_id, atMs: row.at, what: row.what }))
  return hostIds.map(id => open.filter(notice => notice.serverId === id))
}

/** What a host knows of guests: its domains, and the files that it can see of those that have none. */
export async function inspectOn(reader: Reader, hostId: string, vmIds: readonly string[]): Promise<GuestInspection[]> {
  const ids = JSON.stringify(vmIds)
  const domains = await reader.select<DomainRow>(allColumns(domainTable), 'from domain where host_id = ? and vm_id in (select value from json_each(?))', [hostId, ids])
  const files = await reader.select<Pick<FileRow, 'id' | 'saved' | 'size_mib' | 'whole'> & { elsewhere: number }>({ id: 'id', saved: 'saved', size_mib: 'size_mib', whole: 'whole', elsewhere: 'id in (select vm_id from domain)' },
    'from file where id in (select value from json_each(?)) and pool_id = (select pool_id from host where id = ?)', [ids, hostId])
  const sizes = new Map(files.flatMap(file => (file.whole ? [[file.id, file.size_mib] as const] : [])))
  return [
    ...domains.map(row => ({ ...factsOf(row.vm_id, row.state, row), memoryMiB: row.memory_mib, vcpus: row.vcpus, filesMiB: sizes.get(row.vm_id) ?? null })),
    ...files.filter(file => !file.elsewhere).map(file => ({ ...factsOf(file.id, file.saved ? 'suspended' : 'powered-off', undefined), memoryMiB: null, vcpus: null, filesMiB: sizes.get(file.id) ?? null })),
  ]
}

/** The condition that the agent on a host of the table `host` answers. */
const answering = `power = 'on' and agent = 'running' and id not in (select subject_id from fault where kind = 'agent-down' and state = 'active')`

/** Those of some hosts whose agent answers. */
export async function answeringHosts(reader: Reader, hostIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await reader.select<{ id: string }>({ id: 'id' }, `from host where id in (select value from json_each(?)) and ${answering}`, [JSON.stringify(hostIds)])
  return new Set(rows.map(row => row.id))
}

/** Hosts in pools that have something to tell: to whoever can be heard, and a loss of power once though the server is silent. */
export async function ringingHosts(reader: Reader, jobsHeard: readonly string[], noticesHeard: Iterable<number>): Promise<string[]> {
  const rows = await reader.select<{ id: string }>({ id: 'distinct w.host_id' }, `from (
      select host_id, vm_id is null as loud from activity where ended_at is not null and job not in (select value from json_each(?))
      union all select host_id, what = 'power-lost' from notice where heard = 0 and id not in (select value from json_each(?))
    ) w where exists (select 1 from host where id = w.host_id and pool_id is not null and (w.loud or ${answering})) order by 1`, [JSON.stringify(jobsHeard), JSON.stringify([...noticesHeard])])
  return rows.map(row => row.id)
}

/** How far fetches are, by host in the order asked. */
export async function fetchesOn(reader: Reader, hostIds: readonly string[]): Promise<FetchProgress[][]> {
  const rows = await reader.select<FetchProgress & { on: string }>({ on: 'host_id', job: 'job', doneBytes: 'done_bytes', totalBytes: 'total_bytes' }, 'from fetch where host_id in (select value from json_each(?)) order by job', [JSON.stringify(hostIds)])
  return hostIds.map(id => rows.filter(row => row.on === id).map(({ job, doneBytes, totalBytes }) => ({ job, doneBytes, totalBytes })))
}

/** Files of some kinds that lie whole in the repositories of a host's pool. */
export async function storedOn(reader: Reader, hostId: string, kinds: readonly TargetKind[]): Promise<LyingFiles[]> {
  const rows = await reader.select<Omit<LyingFiles, 'guest'> & { config: string | null }>({ objectId: 'id', kind: 'kind', name: 'name', repoId: 'repo_id', sizeMiB: 'size_mib', config: 'config' },
    'from file where pool_id = (select pool_id from host where id = ?) and whole = 1 and kind in (select value from json_each(?)) order by name, id', [hostId, JSON.stringify(kinds)])
  return rows.map(({ config, ...rest }) => ({ ...rest, guest: guestIn(config) }))
}

function guestIn(config: string | null): ImportedGuest | null {
  return config === null ? null : (JSON.parse(config) as ImportedGuest)
}

function faultIn(text: string | null): Fault | null {
  return text === null ? null : (JSON.parse(text) as Fault)
}

/** Whether any host in a pool is not up, or any fault of the way to an agent is active. */
export async function isTroubled(reader: Reader): Promise<boolean> {
  const [row] = await reader.select<{ troubled: number }>({ troubled: `exists (select 1 from fault where state = 'active' and kind in ('agent-down', 'reply-lost')) or exists (select 1 from host where (power <> 'on' or agent <> 'running') and pool_id is not null)` }, 'from (select 1)')
  return row!.troubled === 1
}
