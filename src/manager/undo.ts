import type { OperationOptions, UndoRequest } from '../contract/requests.js'
import { Refusal, type Fault } from '../model/errors.js'
import { groupBy } from '../model/group.js'
import { namesOf } from '../model/names.js'
import { kindOf, operationRow, operationWords, targetKindOf, vmVerb, type RunOperation } from '../model/operations.js'
import { reachOf } from '../model/permissions.js'
import { judge, settledStates, vmOperations } from '../model/vm-states.js'
import type { Reader, Transaction } from '../store/store.js'
import { stateFault } from './launch-vm.js'
import type { NewTarget } from './making.js'
import { deniedFault, deniedOf } from './permitted.js'
import { identify, permit, type Caller } from './principal.js'
import { recordSources } from './records.js'
import { loadItems, loadRuns, loadVisibleRun, type ItemRecord, type RunRecord } from './run-records.js'
import { inverseOf, type Inverse } from './inverses.js'
import { recordRun, sameRequest, type Submitted } from './submit.js'

/** What taking a run back would do: what it asks of each target, and why nothing can be done to some. */
interface UndoPlan {
  run: RunRecord; inverse: Inverse; targets: NewTarget[]; refused: Map<string, Fault>
  /** what the run did besides, and stays done, in words */
  stays: string[]
}

/** What there is of a run to take back, for one who may. @throws Refusal not-found.run, auth.denied, lease.held, undo.impossible */
export async function planUndo(reader: Reader, caller: Caller, id: string): Promise<UndoPlan> {
  const run = await loadVisibleRun(reader, caller, id)
  const inverse = inverseOf(run.operation)
  if ('impossible' in inverse) {
    permit(caller, run.operation)
    await mustHaveChanged(reader, run)
    throw new Refusal('undo.impossible', `${run.id}, ${operationWords(run.operation)}, cannot be taken back: ${inverse.impossible}`, inverse.instead, { run: run.id, operation: run.operation })
  }
  permit(caller, inverse.operation)
  if (run.state === 'running') throw new Refusal('lease.held', `run ${id} is under way`, `job abort, or wait until it has ended: run show ${id}`, { run: id })
  const items = (await mustHaveChanged(reader, run)).map(item => ({ item, onto: inverse.onto ? inverse.onto(item) : { id: item.targetId, name: item.name } }))
  const states = await statesOf(reader, inverse.operation, items.flatMap(({ onto }) => onto?.id ?? []))
  const refused = new Map<string, Fault>()
  const targets = items.map(({ item, onto }): NewTarget => {
    const own = inverse.own?.(item) ?? {}
    const { id: target, name } = onto ?? { id: item.targetId, name: item.name }
    const state = states.get(target)
    const gone = (message: string): Fault => ({ code: 'undo.impossible', message, hint: null, details: null })
    const fault = 'code' in own ? own : onto === null ? gone(`there was nothing before ${item.kind} ${item.name}`) : state === undefined ? gone(`${item.kind} ${name} is gone`) : stateFaultOf(run, inverse.operation, { name, state })
    if (fault) refused.set(target, fault)
    return { id: target, name, poolId: item.poolId, pool: item.pool ?? '', state: state ?? item.afterState, spec: { ...inverse.spec?.(item), options: 'code' in own ? {} : own }, sourceId: null }
  })
  for (const [target, fault] of await deniedTo(reader, caller, inverse.operation, targets)) if (!refused.has(target)) refused.set(target, fault)
  return { run, inverse, targets, refused, stays: await movedAway(reader, run) }
}

/** The guests that were moved away for a run over servers: those moves are runs of their own, and are taken back as such. */
async function movedAway(reader: Reader, run: RunRecord): Promise<string[]> {
  const rows = await reader.select<{ run: string; name: string }>({ run: 'i.run', name: 'i.name' }, `from run u join item i on i.run = u.id where u.parent = ? and i.result = 'done' order by u.seq, i.ordinal`, [run.id])
  return [...groupBy(rows, row => row.run)].map(([id, of]) => `${of.length === 1 ? 'guest' : 'guests'} ${namesOf(of.map(row => row.name))} ${of.length === 1 ? 'stays' : 'stay'} where ${of.length === 1 ? 'it was' : 'they were'} moved to: run undo ${id} brings ${of.length === 1 ? 'it' : 'them'} back`)
}

/** The items of a run that changed something. @throws Refusal undo.impossible where there are none */
async function mustHaveChanged(reader: Reader, run: RunRecord): Promise<ItemRecord[]> {
  const items = await loadItems(reader, `i.run = ? and i.result = 'done'`, [run.id])
  if (items.length === 0) throw new Refusal('undo.impossible', `${run.id} changed nothing that could be taken back`, `run show ${run.id} tells what it did`, { run: run.id })
  return items
}

/** Why a guest in this state cannot be taken back to what it was: said first, since the run would be refused just so. What blocks a migration the run itself tells whole. */
function stateFaultOf(run: RunRecord, operation: RunOperation, guest: { name: string; state: string }): Fault | null {
  const state = settledStates.find(one => one === guest.state)
  if (kindOf(operation) !== 'vm' || operation === 'vm.migrate' || state === undefined) return null
  const verb = vmVerb(operation)
  if (!(vmOperations as string[]).includes(verb) || judge(verb, state, false) !== 'refused') return null
  const fault = stateFault(verb, { name: guest.name, state })
  return operation === 'vm.delete' ? { ...fault, hint: `vm stop ${guest.name} --force, then run undo ${run.id}` } : fault
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
async function statesOf(reader: Reader, operation: RunOperation, ids: readonly string[]): Promise<Map<string, string>> {
  const { from, id, expressions } = recordSources[targetKindOf(operation)]
  const rows = await reader.select<{ id: string; state: string }>({ id, state: expressions['state'] ?? `''` }, `from ${from} where ${id} in (select value from json_each(?))`, [JSON.stringify(ids)])
  return new Map(rows.map(row => [row.id, row.state]))
}

/** Records a run that takes another back. @throws Refusal not-found.run, auth.denied, lease.held, guard.confirm, undo.impossible, usage.request-key */
export async function recordUndo(tx: Transaction, request: UndoRequest, session: string, nowMs: number): Promise<Submitted | { first: Omit<Submitted, 'queue'> }> {
  const caller = await identify(tx, request.principal)
  const [first] = await loadRuns(tx, 'request_key = ? and user = ?', [request.requestKey, caller.user])
  if (first) return { first: sameRequest(first, { undoOf: request.run }) }
  const { run, inverse, targets, refused, stays } = await planUndo(tx, caller, request.run)
  const cannot = targets.filter(target => refused.has(target.id!)).map(target => ({ name: target.name, code: refused.get(target.id!)!.code, reason: refused.get(target.id!)!.message }))
  if (!request.confirmed && !request.policy.dryRun) {
    const will = targets.length - cannot.length
    const [one] = cannot
    throw new Refusal('guard.confirm', `run undo of ${run.id} (${operationWords(run.operation)}) does ${operationWords(inverse.operation)} to ${will} of ${targets.length} targets${one ? `; it cannot for ${namesOf(cannot.map(({ name }) => name))}: ${one.reason}` : ''}${stays.map(one => `; ${one}`).join('')}`, 'add --yes, or look first with --dry-run', { count: will, names: targets.filter(target => !refused.has(target.id!)).slice(0, 20).map(target => target.name), cannot, stays })
  }
  const { policy } = request
  return recordRun(tx, {
    user: caller.user, requestKey: request.requestKey, operation: inverse.operation, options: { ...blankOptions, ...inverse.options }, policy, reason: request.reason ?? `undo of ${run.id}`,
    targets, refused, parent: null, retryOf: null, undoOf: run.id,
  }, session, nowMs)
}

const blankOptions: OperationOptions = { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null }
