import { Refusal } from '../model/errors.js'
import { parseMomentMs } from '../model/moments.js'
import { isInstant, operationRow, operationWords, targetKindOf } from '../model/operations.js'
import type { Policy, PolicyChange, ResumeRequest, RetryRequest, TakeUp } from '../contract/requests.js'
import type { Reader, Transaction } from '../store/store.js'
import { poolFor } from './files/new-names.js'
import type { NewTarget } from './making.js'
import { forbiddenTo } from './permitted.js'
import { recordRun, sameRequest, type Submitted } from './submit.js'
import { identify, permit, type Caller } from './principal.js'
import { recordSources } from './records.js'
import { loadItems, loadRuns, loadVisibleRun, type ItemRecord, type RunRecord } from './run-records.js'
import { handSecretOver } from './run-secrets.js'
import { itemTable, runTable } from './schema.js'
import { countRuns, finishLoose } from './settle.js'
import type { Target } from './targets.js'

/** A run that the caller may see, and do what it does. @throws Refusal not-found.run, auth.denied */
async function loadPermitted(reader: Reader, caller: Caller, id: string): Promise<RunRecord> {
  const run = await loadVisibleRun(reader, caller, id)
  permit(caller, run.operation)
  return run
}

/** Refuses who may not take a run up again in that way, in whatever state it is. @throws Refusal not-found.run, auth.denied */
export async function permitTakeUp(reader: Reader, caller: Caller, id: string, way: Exclude<TakeUp, 'run.undo'>): Promise<void> {
  const run = await loadPermitted(reader, caller, id)
  await refuseForbidden(reader, caller, run, way === 'run.resume' ? await resumable(reader, run) : await retryable(reader, run))
}

/** A permitted run that nobody drives, and that is nobody else's part. @throws Refusal not-found.run, auth.denied, lease.held */
async function loadFor(reader: Reader, caller: Caller, id: string): Promise<RunRecord> {
  const run = await loadPermitted(reader, caller, id)
  if (run.parent !== null) throw new Refusal('usage.argument', `run ${id} was made for ${run.parent}, and goes with it`, `take up that one: ${run.parent}`)
  if (run.state === 'running') throw new Refusal('lease.held', `run ${id} is under way${run.detached ? ': it was handed over' : ' in another command'}`, run.detached ? 'sim clock --advance, or any command that waits, drives it on' : `run show ${id} tells how far it is`, { run: id })
  return run
}

async function refuseForbidden(reader: Reader, caller: Caller, run: RunRecord, items: readonly Pick<ItemRecord, 'targetId' | 'name' | 'pool' | 'sourceId'>[]): Promise<void> {
  const { makes, targets } = operationRow(run.operation)
  const made = (makes ?? targets) !== undefined
  if (made) for (const pool of new Set(items.flatMap(item => (item.pool ? [item.pool] : [])))) await poolFor(reader, caller, run.operation, pool)
  // What is asked of a pool is forbidden or not with the pool; of what is to be made there is nothing yet that could be, but what it is to be made of.
  const forbidden = await forbiddenTo(reader, caller, run.operation, made ? await guestsAmong(reader, items) : items.map(item => ({ id: item.targetId })))
  const names = items.filter(item => forbidden.has(made ? (item.sourceId ?? '') : item.targetId)).map(item => item.name)
  if (names.length > 0) throw new Refusal('auth.denied', `${caller.user} may not ${operationWords(run.operation)} ${names.slice(0, 10).join(', ')}`, `the run is of ${run.user}`, { names })
}

/** The guests that something is to be made of; templates are there for everybody. */
function guestsAmong(reader: Reader, items: readonly Pick<ItemRecord, 'sourceId'>[]): Promise<{ id: string }[]> {
  return reader.select<{ id: string }>({ id: 'id' }, 'from vm where id in (select value from json_each(?))', [JSON.stringify(items.flatMap(item => item.sourceId ?? []))])
}

/** The items that a resume of a run goes on with. */
function resumable(reader: Reader, run: RunRecord): Promise<ItemRecord[]> {
  return loadItems(reader, `i.run = ? and (i.lease is not null or (i.state = 'queued' and ?))`, [run.id, Number(run.state === 'interrupted')])
}

function changed(policy: Policy, change: PolicyChange): Policy {
  return { ...policy, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined && value !== null)) }
}

/**
 * Opens an interrupted run again for this session: what was not begun waits for its turn again, what is under way is followed.
 * Of a run that has ended only what is not known is followed. @throws Refusal not-found.run, auth.denied, lease.held
 */
export async function reopenRun(tx: Transaction, request: ResumeRequest, session: string, nowMs: number): Promise<{ run: RunRecord; open: boolean }> {
  const caller = await identify(tx, request.principal)
  const run = await loadFor(tx, caller, request.run)
  const open = await resumable(tx, run)
  await refuseForbidden(tx, caller, run, open)
  if (open.length === 0) {
    await finishLoose(tx, [run.id])
    return { run, open: false }
  }
  const policy = changed({ ...run.policy, timeoutMs: request.timeoutMs, noWait: request.noWait }, request.change)
  const finishBy = request.change.finishBy ? parseMomentMs(request.change.finishBy, nowMs, '--finish-by') : run.finishByMs
  await tx.update(itemTable, open.map(item => ({ run: run.id, ordinal: item.ordinal, result: null, error: null })))
  await tx.update(runTable, [{ id: run.id, state: 'running', session, policy: JSON.stringify(policy), detached: Number(request.noWait && !isInstant(run.operation)), deadline_at: request.timeoutMs === null ? null : nowMs + request.timeoutMs, finish_by: finishBy, ended_at: null }])
  await countRuns(tx, [run.id])
  return { run, open: true }
}

/** Targets of a run that later runs over its failures have done, or are not done with: a second retry of the same run leaves them out. */
const takenUp = `with recursive again(id) as (select id from run where retry_of = ? union select u.id from run u join again a on u.retry_of = a.id)
  select o.target_id from item o where o.run in (select id from again) and (o.result is null or o.lease is not null or o.result in ('done', 'unchanged', 'unknown', 'accepted'))`

/** The items of a run that a retry does again; not those that nothing can take back (run undo). */
function retryable(reader: Reader, run: RunRecord): Promise<ItemRecord[]> {
  return loadItems(reader, `i.run = ? and i.result in ('failed', 'not-attempted') and coalesce(json_extract(i.error, '$.code'), '') not like 'undo.%' and i.target_id not in (${takenUp})`, [run.id, run.id])
}

/**
 * Records a new run over what failed or was not attempted in another; what of that still waited for a resume is taken from it.
 * What is unknown is left out: it is never repeated blindly. @throws Refusal not-found.run, auth.denied, lease.held, usage.request-key
 */
export async function recordRetry(tx: Transaction, request: RetryRequest, session: string, nowMs: number): Promise<Submitted | { first: Omit<Submitted, 'queue'> }> {
  const caller = await identify(tx, request.principal)
  const [first] = await loadRuns(tx, 'request_key = ? and user = ?', [request.requestKey, caller.user])
  if (first) return { first: sameRequest(first, { retryOf: request.run }) }
  const run = await loadFor(tx, caller, request.run)
  const items = await retryable(tx, run)
  await refuseForbidden(tx, caller, run, items)
  const policy = changed({ ...run.policy, timeoutMs: request.timeoutMs, noWait: request.noWait, finishBy: null }, request.change)
  const submitted = await recordRun(tx, {
    user: caller.user, requestKey: request.requestKey, operation: run.operation, options: run.options, policy, reason: request.reason ?? run.reason,
    targets: await targetsOf(tx, run, items), refused: new Map(), parent: null, retryOf: run.id,
  }, session, nowMs)
  await handSecretOver(tx, run.id, submitted.run)
  const taken = { code: 'run.retried', message: `not begun: ${submitted.run} has taken it over`, hint: `run show ${submitted.run}`, details: { run: submitted.run } }
  await tx.update(itemTable, items.filter(item => item.state === 'queued').map(item => ({ run: run.id, ordinal: item.ordinal, state: 'aborted', error: JSON.stringify(taken) })))
  await finishLoose(tx, [run.id])
  return submitted
}

/** The targets of items as they are now, in the items' order; one that is gone keeps its last known state, and will fail as gone. */
async function targetsOf(reader: Reader, run: RunRecord, items: readonly ItemRecord[]): Promise<(Target | NewTarget)[]> {
  if (operationRow(run.operation).makes) return items.map(item => ({ id: item.targetId, name: item.name, poolId: item.poolId, pool: item.pool ?? '', state: item.afterState, spec: item.spec as object, sourceId: item.sourceId, made: item.operation !== run.operation }))
  const { from, id, expressions } = recordSources[targetKindOf(run.operation)]
  const states = new Map((await reader.select<{ id: string; state: string }>({ id, state: expressions['state'] ?? 'null' }, `from ${from} where ${id} in (select value from json_each(?))`, [JSON.stringify(items.map(item => item.targetId))])).map(row => [row.id, row.state]))
  return items.map(item => ({ id: item.targetId, name: item.name, poolId: item.poolId, pool: item.pool ?? '', state: states.get(item.targetId) ?? item.afterState ?? 'unknown', ...(item.spec === null ? {} : { spec: item.spec as object, sourceId: item.sourceId }) }))
}
