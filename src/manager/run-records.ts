import type { OperationOptions, Policy } from '../contract/requests.js'
import { Refusal, type Fault } from '../model/errors.js'
import { idOf, macOf, uuidOf } from '../model/identity.js'
import type { Change } from './acts.js'
import type { ItemResult, RunState } from '../model/object-states.js'
import type { RunOperation } from '../model/operations.js'
import type { Reader, Transaction } from '../store/store.js'
import { visibleRuns, type Caller } from './principal.js'
import { metaTable } from './schema.js'
import type { Write } from './write.js'

/** A run as it is kept. */
export interface RunRecord {
  id: string; requestKey: string; operation: RunOperation; state: RunState; user: string; reason: string | null; options: OperationOptions; policy: Policy
  session: string | null; detached: boolean; parent: string | null; retryOf: string | null; undoOf: string | null; deadlineAt: number | null; finishByMs: number | null; total: number; settled: number; done: number; failed: number; createdAt: number; endedAt: number | null; revision: number
}

/** An item as it is kept. */
export interface ItemRecord {
  run: string; ordinal: number; stage: number; job: string | null; operation: RunOperation; step: string; kind: string; targetId: string; name: string; pool: string | null; poolId: string; result: ItemResult | null
  state: string; afterState: string | null; serverId: string | null; targetServerId: string | null; startedAt: number | null; endedAt: number | null; error: Fault | null; repoId: string | null; sourceId: string | null; spec: unknown; undo: Write[]; change: Change | null; warnings: string[]
}

const runSelection = {
  id: 'id', requestKey: 'request_key', operation: 'operation', state: 'state', user: 'user', reason: 'reason', options: 'options', policy: 'policy', session: 'session',
  detached: 'detached', parent: 'parent', retryOf: 'retry_of', undoOf: 'undo_of', deadlineAt: 'deadline_at', finishByMs: 'finish_by', total: 'total', settled: 'settled', done: 'done', failed: 'failed', createdAt: 'created_at', endedAt: 'ended_at', revision: 'revision',
}

/** The runs of a condition, oldest first. */
export async function loadRuns(reader: Reader, where: string, params: readonly (string | number | null)[]): Promise<RunRecord[]> {
  const rows = await reader.select<Omit<RunRecord, 'options' | 'policy' | 'detached'> & { options: string; policy: string; detached: number }>(runSelection, `from run where ${where} order by seq`, params)
  return rows.map(row => ({ ...row, options: JSON.parse(row.options) as OperationOptions, policy: JSON.parse(row.policy) as Policy, detached: row.detached === 1 }))
}

/** A run that the caller may see. @throws Refusal not-found.run */
export async function loadVisibleRun(reader: Reader, caller: Caller, id: string): Promise<RunRecord> {
  const see = visibleRuns(caller, 'user')
  const [run] = await loadRuns(reader, `id = ? and ${see.sql}`, [id, ...see.params])
  if (!run) throw new Refusal('not-found.run', `no such run: ${id}`, 'run list shows what there is', { missing: [id] })
  return run
}

/** A run is driven by one session at a time: another one may have taken it over, holding this one for dead. How often jobs of it were aborted, and how many items have failed. @throws Refusal lease.held */
export async function mustDrive(tx: Reader, run: string, session: string): Promise<{ aborts: number; failed: number }> {
  const [row] = await tx.select<{ session: string | null; aborts: number; failed: number }>({ session: 'session', aborts: 'coalesce(aborts, 0)', failed: 'failed' }, 'from run where id = ?', [run])
  if (row?.session !== session) throw new Refusal('lease.held', `run ${run} is driven by another command`, `run show ${run}`)
  return row
}

const itemSelection = {
  run: 'i.run', ordinal: 'i.ordinal', stage: 'i.stage', job: 'i.job', operation: 'i.operation', step: 'i.step', kind: 'i.kind', targetId: 'i.target_id', name: 'i.name', pool: 'p.name', poolId: 'i.pool_id', result: 'i.result', state: 'i.state',
  afterState: 'i.after_state', serverId: 'i.server_id', targetServerId: 'i.target_server_id', startedAt: 'i.started_at', endedAt: 'i.ended_at', error: 'i.error', repoId: 'i.repo_id', sourceId: 'i.source_id', spec: 'i.spec', undo: 'i.undo', change: 'i.change', warnings: 'i.warnings',
}

/** The items of a condition, in target order. */
export async function loadItems(reader: Reader, where: string, params: readonly (string | number | null)[]): Promise<ItemRecord[]> {
  const rows = await reader.select<Omit<ItemRecord, 'error' | 'spec' | 'undo' | 'change' | 'warnings'> & Record<'error' | 'spec' | 'undo' | 'change' | 'warnings', string | null>>(itemSelection, `from item i left join pool p on p.id = i.pool_id where ${where} order by i.run, i.ordinal`, params)
  return rows.map(row => ({ ...row, error: row.error === null ? null : (JSON.parse(row.error) as Fault), spec: row.spec === null ? null : (JSON.parse(row.spec) as unknown), undo: row.undo === null ? [] : (JSON.parse(row.undo) as Write[]), change: row.change === null ? null : (JSON.parse(row.change) as Change), warnings: row.warnings === null ? [] : (JSON.parse(row.warnings) as string[]) }))
}

/** A text of the repository's meta table; empty where it has none. */
export async function metaText(reader: Reader, key: string): Promise<string> {
  const [row] = await reader.select<{ value: string }>({ value: 'value' }, `from ${metaTable.name} where key = ?`, [key])
  return row?.value ?? ''
}

/** Ids from the farm's seed, in order; the counter is committed with what the ids name. */
export async function takeIds(tx: Transaction, prefix: string, count: number): Promise<string[]> {
  const { seed, from } = await takeNumbers(tx, count)
  return Array.from({ length: count }, (_, at) => idOf(prefix, seed, from + at))
}

/** Addresses of network cards from the farm's seed, in order. */
export async function takeMacs(tx: Transaction, count: number): Promise<string[]> {
  const { seed, from } = await takeNumbers(tx, count)
  return Array.from({ length: count }, (_, at) => macOf(seed, from + at))
}

/** UUIDs from the farm's seed, in order. */
export async function takeUuids(tx: Transaction, count: number): Promise<string[]> {
  const { seed, from } = await takeNumbers(tx, count)
  return Array.from({ length: count }, (_, at) => uuidOf(seed, from + at))
}

async function takeNumbers(tx: Transaction, count: number): Promise<{ seed: number; from: number }> {
  const seed = Number(await metaText(tx, 'seed'))
  const from = Number(await metaText(tx, 'ids'))
  if (count > 0) await tx.run(`update ${metaTable.name} set value = ? where key = 'ids'`, [String(from + count)])
  return { seed, from }
}

/** Appends events; their numbers follow one another. */
export async function addEvents(tx: Transaction, table: Parameters<Transaction['insert']>[0], events: readonly Record<string, string | number | null>[]): Promise<void> {
  if (events.length === 0) return
  const [last] = await tx.select<{ seq: number }>({ seq: 'coalesce(max(seq), 0)' }, 'from event')
  await tx.insert(table, events.map((event, at) => ({ seq: last!.seq + 1 + at, ...event })))
}
