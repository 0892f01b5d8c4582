import type { FetchProgress, Outcome, PowerOutcome } from '../host/ports.js'
import { kindWords } from '../contract/fields.js'
import type { Fault } from '../model/errors.js'
import type { ItemResult, RunState } from '../model/object-states.js'
import { operationRow, operationWords, serverVerb, targetKindOf, vmVerb, type RunOperation } from '../model/operations.js'
import { serverStateOf, serverTransition } from '../model/server-states.js'
import { vmTransition } from '../model/vm-states.js'
import type { Row, Transaction } from '../store/store.js'
import { groupBy } from '../model/group.js'
import type { Change } from './acts.js'
import { changeWords } from './guests/change-words.js'
import { fileOperationOf } from './files/operations.js'
import { loadStored } from './files/scene.js'
import { addEvents, takeIds } from './run-records.js'
import { forgetSecret } from './run-secrets.js'
import { eventTable, itemTable, runTable, serverTable, vmTable } from './schema.js'
import { applyWrites, type Write } from './write.js'

interface RunningItem { run: string; ordinal: number; job: string; operation: RunOperation; targetId: string; name: string; serverId: string; targetServerId: string | null; server: string | null; user: string; result: ItemResult | null; loose: number; poolId: string; repoId: string | null; sourceId: string | null; spec: string | null; undo: string | null; change: string | null; error: string | null; handedOver: number; runState: RunState }

/** What an item's end adds to the counts of its run. */
interface Tally { settled: number; done: number; failed: number; loose: boolean }

/**
 * Records outcomes that agents reported: items, guests and events in one commit; how many there were. An outcome that is recorded
 * already changes nothing, so hearing it twice is harmless.
 */
export async function settleOutcomes(tx: Transaction, outcomes: readonly Outcome[]): Promise<number> {
  const byJob = new Map(outcomes.map(outcome => [outcome.job, outcome]))
  const items = await runningItems(tx, [...byJob.keys()])
  const guestItems = items.filter(item => operationRow(item.operation).way !== 'files')
  const goingOn = guestItems.length < items.length ? await settleFiles(tx, items.filter(item => operationRow(item.operation).way === 'files'), byJob) : noItems
  const itemRows: Row[] = []
  const vmRows: Row[] = []
  const movedRows: Row[] = []
  const events: Row[] = []
  for (const item of guestItems) {
    const { endedAtMs, error, facts } = byJob.get(item.job)!
    itemRows.push(endedRow(item, error, facts.state, endedAtMs))
    // Where the server stays the same its index is left alone, which halves the cost of the update.
    const row = { id: item.targetId, state: facts.state, domain_id: facts.domainId, vnc_port: facts.vncPort, started_at: facts.startedAtMs }
    if (item.targetServerId === null && item.serverId === facts.serverId) vmRows.push(row)
    else movedRows.push({ ...row, server_id: facts.serverId, target_server_id: null })
    const verb = vmVerb(item.operation)
    const where = facts.serverId !== null && item.server ? ` ${item.targetServerId === null ? 'on' : 'to'} ${item.server}` : ''
    events.push(eventRow(item, error, endedAtMs, error ? `${verb} of guest ${item.name} failed: ${error.message}` : item.operation === 'vm.update' ? changeWords(item.name, JSON.parse(item.change!) as Change) : `guest ${item.name} ${vmTransition(verb).past}${where}`))
  }
  await tx.update(itemTable, itemRows)
  await tx.update(vmTable, vmRows)
  await tx.update(vmTable, movedRows)
  await addEvents(tx, eventTable, events)
  await tallyRuns(tx, items.filter(item => !goingOn.has(item)).map(item => ({ item, failed: byJob.get(item.job)!.error !== null })))
  return items.length
}

const noItems: ReadonlySet<RunningItem> = new Set()

/** Records how work on files ended: what was made is there, or what was written when it began is taken back. The items that go on: what was made starts now. */
async function settleFiles(tx: Transaction, items: readonly RunningItem[], byJob: ReadonlyMap<string, Outcome>): Promise<ReadonlySet<RunningItem>> {
  const failed = items.filter(item => byJob.get(item.job)!.error)
  const ended = (item: RunningItem) => byJob.get(item.job)!
  const settled = (item: RunningItem) => ({ ...item, spec: item.spec === null ? null : (JSON.parse(item.spec) as unknown), changes: item.change === null ? null : (JSON.parse(item.change) as Change), endedAtMs: ended(item).endedAtMs, came: ended(item).came })
  for (const [operation, of] of groupBy(failed, item => item.operation)) {
    const { failed: stays } = fileOperationOf(operation)
    if (stays) await stays(tx, of.map(item => ({ ...settled(item), error: ended(item).error! })))
    else await applyWrites(tx, of.flatMap(item => JSON.parse(item.undo ?? '[]') as Write[]))
  }
  for (const [operation, of] of groupBy(items.filter(item => !ended(item).error), item => item.operation)) await fileOperationOf(operation).done(tx, of.map(settled))
  const starting = items.filter(item => !ended(item).error && startsToo(item))
  await startNext(tx, starting)
  const states = await statesOf(tx, items.filter(item => ended(item).error !== null || fileOperationOf(item.operation).after === undefined))
  const stateNow = (item: RunningItem) => states.get(item.targetId) ?? null
  // What would have taken it back is not needed any more, nor, once it is there, what it was to be: items outlive their work.
  await tx.update(itemTable, failed.map(item => ({ ...endedRow(item, ended(item).error, stateNow(item), ended(item).endedAtMs), undo: null })))
  for (const [makes, of] of groupBy(items.filter(item => !ended(item).error && !starting.includes(item)), item => operationRow(item.operation).makes !== undefined)) {
    await tx.update(itemTable, of.map(item => {
      const { after } = fileOperationOf(item.operation)
      return { ...endedRow(item, null, after === undefined ? stateNow(item) : after, ended(item).endedAtMs), undo: null, ...(makes ? { spec: null } : {}) }
    }))
  }
  await addEvents(tx, eventTable, items.map(item => {
    const { error, endedAtMs } = ended(item)
    const subject = `${kindWords[targetKindOf(item.operation)]} ${item.name}`
    return eventRow(item, error, endedAtMs, error ? `${operationWords(item.operation)} of ${subject} failed: ${error.message}` : `${subject} ${operationRow(item.operation).past}${item.change === null ? '' : (fileOperationOf(item.operation).tells?.(JSON.parse(item.change) as Change) ?? '')}`)
  }))
  return new Set(starting)
}

/** Records how far fetches are that are under way, and the room that they take. */
export async function recordProgress(tx: Transaction, fetching: readonly FetchProgress[]): Promise<void> {
  for (const { job, doneBytes, totalBytes } of fetching) {
    const percent = totalBytes === null || totalBytes === 0 ? null : Math.min(99, Math.floor((doneBytes * 100) / totalBytes))
    const changed = await tx.run(`update item set step = 'fetching', progress = ?1 where job = ?2 and lease is not null and (step <> 'fetching' or progress is not ?1)`, [percent, job])
    if (changed === 0) continue
    await tx.run('update resource set size_mib = ? where id = (select target_id from item where job = ?)', [Math.ceil((totalBytes ?? doneBytes) / 1_048_576), job])
    await tx.run('update run set revision = revision + 1 where id = (select run from item where job = ?)', [job])
  }
}

/** Whether a guest that is made is to start at once. */
function startsToo({ operation, spec }: RunningItem): boolean {
  return operation === 'vm.create' && (JSON.parse(spec!) as { start: boolean }).start
}

/**
 * Lets the items of guests that are made wait for their turn to start: the rest of the same item, as a job of its own. Where
 * whoever drove the run had given up on them they wait for a resume; where nobody can take the run up any more it ends here.
 */
async function startNext(tx: Transaction, items: readonly RunningItem[]): Promise<void> {
  if (items.length === 0) return
  const jobs = await takeIds(tx, 'job', items.length)
  const rows = items.map((item, at): Row => {
    const next = { run: item.run, ordinal: item.ordinal, job: jobs[at]!, operation: 'vm.start', lease: null, undo: null, server_id: null, after_state: 'powered-off' }
    if (item.result === null || (item.handedOver === 1 && item.runState === 'running')) return { ...next, state: 'queued', step: 'queued', result: null, error: null }
    const waits = item.runState === 'interrupted'
    const gaveUp = JSON.parse(item.error!) as Fault
    const error = { code: gaveUp.code, message: `not begun: guest ${item.name} was made after the command had given up on it`, hint: `run ${waits ? 'resume' : 'retry'} ${item.run} starts it`, details: null }
    return { ...next, state: waits ? 'queued' : 'aborted', step: waits ? 'queued' : 'not-attempted', result: 'not-attempted', error: JSON.stringify(error) }
  })
  await tx.update(itemTable, rows)
  await countRuns(tx, [...new Set(items.filter(item => item.result !== null).map(item => item.run))])
}

/** The states that the targets of work on files have now; one that is gone has none. */
async function statesOf(tx: Transaction, items: readonly RunningItem[]): Promise<Map<string, string>> {
  if (items.length === 0) return new Map()
  return new Map((await loadStored(tx, items.map(item => item.targetId))).map(object => [object.id, object.state]))
}

/** Records how work on the power of servers, or on their agents, ended; how many there were. */
export async function settlePower(tx: Transaction, outcomes: readonly PowerOutcome[]): Promise<number> {
  const byJob = new Map(outcomes.map(outcome => [outcome.job, outcome]))
  const items = await runningItems(tx, [...byJob.keys()])
  const maintained = new Set((await tx.select<{ id: string }>({ id: 'id' }, 'from server where maintenance = 1')).map(row => row.id))
  const stateOf = (outcome: PowerOutcome) => (outcome.power === 'on' && outcome.agent === 'stopped' ? 'unreachable' : serverStateOf(outcome.power, maintained.has(outcome.serverId)))
  await tx.update(itemTable, items.map(item => { const outcome = byJob.get(item.job)!; return endedRow(item, outcome.error, stateOf(outcome), outcome.endedAtMs) }))
  await tx.update(serverTable, items.map(item => { const outcome = byJob.get(item.job)!; return { id: item.targetId, state: stateOf(outcome), agent_state: outcome.agent } }))
  await addEvents(tx, eventTable, items.map(item => {
    const { error, endedAtMs } = byJob.get(item.job)!
    const verb = serverVerb(item.operation)
    return eventRow(item, error, endedAtMs, error ? `${operationWords(item.operation)} of server ${item.name} failed: ${error.message}` : `${item.operation.startsWith('agent.') ? 'agent of server' : 'server'} ${item.name} ${serverTransition(verb).past}`)
  }))
  await tallyRuns(tx, items.map(item => ({ item, failed: byJob.get(item.job)!.error !== null })))
  return items.length
}

async function runningItems(tx: Transaction, jobs: readonly string[]): Promise<RunningItem[]> {
  return tx.select<RunningItem>({
    run: 'i.run', ordinal: 'i.ordinal', job: 'i.job', operation: 'i.operation', targetId: 'i.target_id', name: 'i.name', serverId: 'i.server_id', targetServerId: 'i.target_server_id', server: 's.name', user: 'u.user', result: 'i.result',
    loose: `u.detached = 1 or u.state <> 'running'`, poolId: 'i.pool_id', repoId: 'i.repo_id', sourceId: 'i.source_id', spec: 'i.spec', undo: 'i.undo', change: 'i.change', error: 'i.error', handedOver: 'u.detached', runState: 'u.state',
  }, `from item i join run u on u.id = i.run left join server s on s.id = coalesce(i.target_server_id, i.server_id) where i.job in (select value from json_each(?)) and i.lease is not null order by u.seq, i.ordinal`, [JSON.stringify(jobs)])
}

function endedRow(item: RunningItem, error: Fault | null, state: string | null, endedAtMs: number): Row {
  return { run: item.run, ordinal: item.ordinal, lease: null, result: error ? 'failed' : 'done', state: error?.code === 'job.aborted' ? 'aborted' : error ? 'failed' : 'succeeded', step: 'settled', after_state: state, ended_at: endedAtMs, error: error && JSON.stringify(error) }
}

function eventRow(item: RunningItem, error: Fault | null, atMs: number, message: string): Row {
  return { at: atMs, severity: error ? 'error' : 'info', kind: `${item.operation}${error ? '-failed' : ''}`, subject: item.name, subject_id: item.targetId, user: item.user, run: item.run, message, change: error ? null : item.change }
}

async function tallyRuns(tx: Transaction, ended: readonly { item: RunningItem; failed: boolean }[]): Promise<void> {
  const tallies = new Map<string, Tally>()
  for (const { item, failed } of ended) {
    let tally = tallies.get(item.run)
    if (!tally) tallies.set(item.run, (tally = { settled: 0, done: 0, failed: 0, loose: item.loose === 1 }))
    if (item.result === null) tally.settled++
    if (failed) tally.failed++
    else tally.done++
  }
  for (const [run, { settled, done, failed, loose }] of tallies) {
    await addToRun(tx, run, { settled, done, failed })
    if (loose) await finishLoose(tx, [run])
  }
}

/** Adds to the counts of a run, and moves its revision. */
export async function addToRun(tx: Transaction, run: string, { settled, done, failed }: { settled: number; done: number; failed: number }): Promise<void> {
  await tx.run('update run set revision = revision + 1, settled = settled + ?, done = done + ?, failed = failed + ? where id = ?', [settled, done, failed, run])
}

/** Ends runs that no command drives once nothing of them is queued or under way: what secrets they have left nobody needs any more. */
export async function finishLoose(tx: Transaction, runs: readonly string[]): Promise<void> {
  for (const run of runs) {
    await tx.run(`update run set state = 'finished', session = null, ended_at = (select max(ended_at) from item where run = run.id) where id = ? and (detached = 1 or state = 'interrupted') and state <> 'finished'
      and not exists (select 1 from item i where i.run = run.id and i.state in ('queued', 'running'))`, [run])
    await forgetSecret(tx, run, 'finished')
  }
}

/** Counts the items of runs anew, and moves their revision: for what is rare. */
export async function countRuns(tx: Transaction, runs: readonly string[]): Promise<void> {
  for (const run of runs) {
    await tx.run(`update ${runTable.name} set revision = revision + 1,
      settled = (select count(*) from item i where i.run = run.id and i.result is not null), done = (select count(*) from item i where i.run = run.id and i.result = 'done'),
      failed = (select count(*) from item i where i.run = run.id and i.result = 'failed') where id = ?`, [run])
  }
}
