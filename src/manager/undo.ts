import type { OperationOptions, UndoRequest } from '../contract/requests.js'
import { Refusal, type Fault } from '../model/errors.js'
import { namesOf } from '../model/names.js'
import { operationRow, operationWords, targetKindOf, type RunOperation } from '../model/operations.js'
import { reachOf } from '../model/permissions.js'
import type { Reader, Transaction } from '../store/store.js'
import type { NewTarget } from './making.js'
import { deniedFault, deniedOf } from './permitted.js'
import { identify, permit, type Caller } from './principal.js'
import { recordSources } from './records.js'
import { loadItems, loadRuns, loadVisibleRun, type ItemRecord, type RunRecord } from './run-records.js'
import { inverseOf, type Inverse } from './inverses.js'
import { recordRun, sameRequest, type Submitted } from './submit.js'

/** What taking a run back would do: what it asks of each target, and why nothing can be done to some. */
interface UndoPlan { run: RunRecord; inverse: Inverse; targets: NewTarget[]; refused: Map<string, Fault> }

/** What there is of a run to take back, for one who may. @throws Refusal not-found.run, auth.denied, lease.held, undo.impossible */
export async function planUndo(reader: Reader, caller: Caller, id: string): Promise<UndoPlan> {
  const run = await loadVisibleRun(reader, caller, id)
  const inverse = inverseOf(run.operation)
  if ('impossible' in inverse) {
    permit(caller, run.operation)
    throw new Refusal('undo.impossible', `${run.id}, ${operationWords(run.operation)}, cannot be taken back: ${inverse.impossible}`, inverse.instead, { run: run.id, operation: run.operation })
  }
  permit(caller, inverse.operation)
  if (run.state === 'running') throw new Refusal('lease.held', `run ${id} is under way`, `job abort, or wait until it has ended: run show ${id}`, { run: id })
  const items = await loadItems(reader, `i.run = ? and i.result = 'done'`, [id])
  if (items.length === 0) throw new Refusal('undo.impossible', `${run.id} changed nothing that could be taken back`, `run show ${run.id} tells what it did`, { run: run.id })
  const states = await statesOf(reader, inverse.operation, items)
  const refused = new Map<string, Fault>()
  const targets = items.map((item): NewTarget => {
    const own = inverse.own?.(item) ?? {}
    if ('code' in own) refused.set(item.targetId, own)
    else if (!states.has(item.targetId)) refused.set(item.targetId, { code: 'undo.impossible', message: `${item.kind} ${item.name} is gone`, hint: null, details: null })
    return { id: item.targetId, name: item.name, poolId: item.poolId, pool: item.pool ?? '', state: states.get(item.targetId) ?? item.afterState, spec: { ...inverse.spec?.(item), options: 'code' in own ? {} : own }, sourceId: null }
  })
  for (const [target, fault] of await deniedTo(reader, caller, inverse.operation, targets)) if (!refused.has(target)) refused.set(target, fault)
  return { run, inverse, targets, refused }
}

/** Refuses who may not take a run back, whatever else is in the way. @throws Refusal not-found.run, auth.denied */
export async function permitUndo(reader: Reader, caller: Caller, id: string): Promise<void> {
  const run = await loadVisibleRun(reader, caller, id)
  const inverse = inverseOf(run.operation)
  permit(caller, 'impossible' in inverse ? run.operation : inverse.operation)
}

/** The targets that the caller may not do it to; of what names its own objects the pools decide. */
async function deniedTo(reader: Reader, caller: Caller, operation: RunOperation, targets: readonly NewTarget[]): Promise<ReadonlyMap<string, Fault>> {
  if (!operationRow(operation).makes) return deniedOf(reader, caller, operation, targets.map(target => ({ id: target.id!, name: target.name })))
  if (reachOf(caller.role, operation) === 'all') return new Map()
  return new Map(targets.filter(target => !caller.pools.includes(target.pool)).map(target => [target.id!, deniedFault(caller.user, operation, target.name)]))
}

/** The states of what items were about, as far as it is there; of what has none, an empty text. */
async function statesOf(reader: Reader, operation: RunOperation, items: readonly ItemRecord[]): Promise<Map<string, string>> {
  const { from, id, expressions } = recordSources[targetKindOf(operation)]
  const rows = await reader.select<{ id: string; state: string }>({ id, state: expressions['state'] ?? `''` }, `from ${from} where ${id} in (select value from json_each(?))`, [JSON.stringify(items.map(item => item.targetId))])
  return new Map(rows.map(row => [row.id, row.state]))
}

/** Records a run that takes another back. @throws Refusal not-found.run, auth.denied, lease.held, guard.confirm, undo.impossible, usage.request-key */
export async function recordUndo(tx: Transaction, request: UndoRequest, session: string, nowMs: number): Promise<Submitted | { first: Omit<Submitted, 'queue'> }> {
  const caller = await identify(tx, request.principal)
  const [first] = await loadRuns(tx, 'request_key = ? and user = ?', [request.requestKey, caller.user])
  if (first) return { first: sameRequest(first, { undoOf: request.run }) }
  const { run, inverse, targets, refused } = await planUndo(tx, caller, request.run)
  const cannot = targets.filter(target => refused.has(target.id!)).map(target => ({ name: target.name, code: refused.get(target.id!)!.code, reason: refused.get(target.id!)!.message }))
  if (!request.confirmed && !request.policy.dryRun) {
    const will = targets.length - cannot.length
    const [one] = cannot
    throw new Refusal('guard.confirm', `run undo of ${run.id} (${operationWords(run.operation)}) does ${operationWords(inverse.operation)} to ${will} of ${targets.length} targets${one ? `; it cannot for ${namesOf(cannot.map(({ name }) => name))}: ${one.reason}` : ''}`, 'add --yes, or look first with --dry-run', { count: will, names: targets.filter(target => !refused.has(target.id!)).slice(0, 20).map(target => target.name), cannot })
  }
  const { policy } = request
  return recordRun(tx, {
    user: caller.user, requestKey: request.requestKey, operation: inverse.operation, options: { ...blankOptions, ...inverse.options }, policy, reason: request.reason ?? `undo of ${run.id}`,
    targets, refused, parent: null, retryOf: null, undoOf: run.id,
  }, session, nowMs)
}

const blankOptions: OperationOptions = { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null }
