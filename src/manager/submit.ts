import type { RunHandle } from '../contract/manager.js'
import type { OperationOptions, Policy, RunRequest } from '../contract/requests.js'
import { Refusal, type Fault } from '../model/errors.js'
import { parseMomentMs } from '../model/moments.js'
import { namesOf } from '../model/names.js'
import { isInstant, kindOf, operationRow, operationWords, targetKindOf, type RunOperation } from '../model/operations.js'
import type { Reader, Row, Transaction } from '../store/store.js'
import { actOf } from './acts.js'
import { admissionOf } from './admission.js'
import { checkGuards } from './guards.js'
import type { QueuedItem } from './launch.js'
import { type Maker, type NewTarget } from './making.js'
import { deniedFault, deniedOf } from './permitted.js'
import { identify, permit } from './principal.js'
import { addEvents, loadRuns, takeIds, type RunRecord } from './run-records.js'
import { keepSecret } from './run-secrets.js'
import { eventTable, itemTable, runTable } from './schema.js'
import { staged } from './stages.js'
import { resolveTargets, type Target } from './targets.js'

/** A run that was recorded, with the items that wait for their turn. */
export interface Submitted extends Omit<RunHandle, 'farm'> { queue: QueuedItem[] }

/** What a run is made of, once its targets are known. */
export interface RunOrder {
  user: string
  requestKey: string
  operation: RunOperation
  options: OperationOptions
  policy: Policy
  reason: string | null
  targets: readonly (Target | NewTarget)[]
  /** targets that nothing is done to, and why, by id */
  refused: ReadonlyMap<string, Fault>
  parent: string | null
  retryOf: string | null
  undoOf?: string
}

/**
 * Records a run with its resolved targets, under its request key: a repeated key gives the first run. Nothing has begun when
 * this returns. @throws Refusal for what is wrong with the request, before anything is written
 */
export async function submitRun(tx: Transaction, request: RunRequest, maker: Maker | null, session: string, nowMs: number, told: unknown): Promise<Submitted | { first: Omit<RunHandle, 'farm'> }> {
  const caller = await identify(tx, request.principal)
  permit(caller, request.operation)
  const [first] = await loadRuns(tx, 'request_key = ? and user = ?', [request.requestKey, caller.user])
  if (first) return { first: sameRequest(first, { operation: request.operation }) }
  const { secret, ...asked } = request.options
  const options = { ...asked, to: await serverId(tx, asked.to, true), on: await serverId(tx, asked.on, false) }
  const order = { user: caller.user, requestKey: request.requestKey, operation: request.operation, options, policy: request.policy, reason: request.reason, parent: null, retryOf: null }
  if (maker) {
    const targets = await maker.plan(tx, caller, request, nowMs, told)
    await checkGuards(tx, request, targets)
    await maker.complete?.(tx, targets)
    // Each item keeps what it is to be.
    const { details: _, ...rest } = options
    return withSecret(tx, await recordRun(tx, { ...order, options: rest, targets, refused: new Map() }, session, nowMs), secret)
  }
  const targets = await resolveTargets(tx, caller, kindOf(request.operation), request.selector)
  const admit = await admissionOf(request.operation)
  const admitted = admit ? { ...options, details: await admit(tx, caller, request, targets) } : options
  if (isInstant(request.operation)) await (await actOf(request.operation)).check?.(tx, caller, request, targets)
  await checkGuards(tx, request, targets)
  return withSecret(tx, await recordRun(tx, { ...order, options: admitted, targets, refused: await deniedOf(tx, caller, request.operation, targets) }, session, nowMs), secret)
}

async function withSecret(tx: Transaction, submitted: Submitted, secret: string | undefined): Promise<Submitted> {
  if (secret !== undefined) await keepSecret(tx, submitted.run, secret)
  return submitted
}

/** The handle of the run that a repeated key names. A key that was used for something else is a mistake, not a repetition. @throws Refusal usage.request-key */
export function sameRequest(first: RunRecord, asked: { operation: RunOperation } | { retryOf: string } | { undoOf: string }): Omit<RunHandle, 'farm'> {
  const same = 'retryOf' in asked ? first.retryOf === asked.retryOf : 'undoOf' in asked ? first.undoOf === asked.undoOf : first.retryOf === null && first.undoOf === null && first.operation === asked.operation
  if (same) return { run: first.id, state: first.state, revision: first.revision, total: first.total }
  throw new Refusal('usage.request-key', `the request key ${JSON.stringify(first.requestKey)} is that of ${first.id}, a ${first.undoOf === null ? (first.retryOf === null ? '' : 'retry of a ') : `undo of ${first.undoOf}: `}${operationWords(first.operation)}`, 'give every request a key of its own', { run: first.id, operation: first.operation })
}

/** Writes a run and its items. */
export async function recordRun(tx: Transaction, order: RunOrder, session: string, nowMs: number): Promise<Submitted> {
  const { operation, policy } = order
  const kind = targetKindOf(operation)
  const ids = operationRow(operation).makes ? await takeIds(tx, kind, order.targets.filter(target => target.id === null).length) : []
  const targets = order.targets.map(target => (target.id === null ? { ...target, id: ids.shift()! } : target)) as (Target & Partial<NewTarget>)[]
  const finishByMs = policy.finishBy === null ? null : parseMomentMs(policy.finishBy, nowMs, '--finish-by')
  const stages = await staged(tx, targets, policy)
  const [run] = await takeIds(tx, 'run', 1)
  const jobs = await takeIds(tx, 'job', targets.length)
  const [last] = await tx.select<{ seq: number }>({ seq: 'coalesce(max(seq), 0)' }, 'from run')
  await tx.insert(runTable, [{
    id: run!, seq: last!.seq + 1, request_key: order.requestKey, operation, state: 'running', user: order.user, reason: order.reason,
    options: JSON.stringify(order.options), policy: JSON.stringify(policy), session, detached: policy.noWait && !isInstant(operation) ? 1 : 0, parent: order.parent, retry_of: order.retryOf, undo_of: order.undoOf ?? null,
    deadline_at: policy.timeoutMs === null ? null : nowMs + policy.timeoutMs, finish_by: finishByMs,
    total: targets.length, settled: order.refused.size, done: 0, failed: order.refused.size, created_at: nowMs, ended_at: null, revision: 1,
  }])
  const denied = (target: Target): Row => ({ state: 'failed', step: 'settled', result: 'failed', started_at: nowMs, ended_at: nowMs, error: JSON.stringify(order.refused.get(target.id)!) })
  await tx.insert(itemTable, targets.map((target, ordinal): Row => ({
    run: run!, ordinal, stage: stages[ordinal]!, job: jobs[ordinal]!, operation: target.made ? 'vm.start' : operation, kind, target_id: target.id, name: target.name, pool_id: target.poolId,
    state: 'queued', step: 'queued', after_state: target.state, created_at: nowMs, ...(target.spec ? { spec: JSON.stringify(target.spec), source_id: target.sourceId ?? null } : {}), ...(order.refused.has(target.id) ? denied(target) : {}),
  })))
  const forbidden = targets.filter(target => order.refused.get(target.id)?.code === 'auth.denied')
  if (forbidden.length > 0) await addEvents(tx, eventTable, [deniedEvent(order, forbidden, run!, nowMs)])
  const queue = targets.map((target, ordinal): QueuedItem => ({ ordinal, stage: stages[ordinal]!, targetId: target.id, name: target.name, poolId: target.poolId, job: jobs[ordinal]!, ...(target.spec ? { spec: target.spec, sourceId: target.sourceId ?? null, ...(target.made ? { made: true } : {}) } : {}) }))
  return { run: run!, state: 'running', revision: 1, total: targets.length, queue: order.refused.size === 0 ? queue : queue.filter(item => !order.refused.has(item.targetId)) }
}

/** That somebody was refused some of what he aimed at: one event for the run, however many. */
function deniedEvent({ user, operation }: RunOrder, denied: readonly Target[], run: string, nowMs: number): Row {
  const [first] = denied
  const one = denied.length === 1
  return { at: nowMs, severity: 'warning', kind: 'auth.denied', subject: one ? first!.name : null, subject_id: one ? first!.id : null, user, run, message: deniedFault(user, operation, namesOf(denied.map(target => target.name))).message }
}

/** The id of a server by its name, id or pool/name. @throws Refusal not-found.server */
export async function serverId(reader: Reader, name: string | null, auto: boolean): Promise<string | null> {
  if (name === null || (auto && name === 'auto')) return name
  const rows = await reader.select<{ id: string }>({ id: 's.id' }, `from server s join pool p on p.id = s.pool_id where s.id = ? or s.name = ? or p.name || '/' || s.name = ?`, [name, name, name])
  const found = rows.find(row => row.id === name) ?? rows[0]
  if (!found) throw new Refusal('not-found.server', `no such server: ${name}`, 'server list shows what there is', { missing: [name] })
  return found.id
}
