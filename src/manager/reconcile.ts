import type { GuestFacts } from '../host/ports.js'
import type { Fault } from '../model/errors.js'
import { Refusal } from '../model/errors.js'
import { operationRow } from '../model/operations.js'
import { serverStateOf } from '../model/server-states.js'
import type { Row } from '../store/store.js'
import { collect, downServers } from './collect.js'
import type { Parts } from './parts.js'
import { inspectGuests, knownJobs } from './pool-channel.js'
import { reportedRow } from './reported.js'
import { loadItems, loadRuns, type ItemRecord, type RunRecord } from './run-records.js'
import { itemTable, runTable, serverTable, vmTable } from './schema.js'
import { settleKeys } from './servers/settle-keys.js'
import { countRuns, finishLoose } from './settle.js'
import { applyWrites } from './write.js'

const cut: Fault = { code: 'run.interrupted', message: 'not begun: the command was cut before', hint: 'run resume takes it up', details: null }
const unseen: Fault = { ...cut, message: 'the command was cut before the outcome was seen', hint: 'it goes on by itself; run show tells how it ended' }
const neverAsked: Fault = { code: 'agent.unreachable', message: 'not begun: the request never reached the server', hint: 'run retry takes it up', details: null }

/**
 * Brings the records up to date with what happened while no command looked: servers that have something to tell are asked, and
 * what dead commands left is settled. Outcomes that the agents know are recorded; an intent that no agent ever heard of is taken
 * back; the run of a dead command becomes `interrupted`, so that `run resume` may take it up. Writes nothing when there is
 * nothing to settle. `probing`: servers that did not answer last time are asked again.
 */
export async function reconcile(parts: Parts, probing: boolean): Promise<void> {
  const ringing = await parts.masters.ringing()
  if (ringing.length > 0) await collect(parts, ringing)
  if (probing) await collect(parts, await downServers(parts))
  await settleDead(parts)
  if (ringing.length > 0 || probing) await settleUnheard(parts)
  if (probing) await settleKeys(parts)
}

/** The same for a command that only looks: where the store cannot be written, looking still works. */
export async function reconcileForLooking(parts: Parts): Promise<void> {
  try {
    await reconcile(parts, false)
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'store.read-only')) throw error
  }
}

/** Settles the runs of commands that died; whether there were any. */
export async function settleDead(parts: Parts): Promise<boolean> {
  const { store, clock } = parts
  const runs = await store.read(reader => loadRuns(reader, `state = 'running' and session is not null`, []))
  if (runs.length === 0) return false
  const living = new Set(await clock.living([...new Set(runs.map(run => run.session!))]))
  const dead = runs.filter(run => !living.has(run.session!))
  if (dead.length === 0) return false
  parts.stir.mark()
  const running = await store.read(reader => loadItems(reader, `i.run in (select value from json_each(?)) and i.state = 'running'`, [JSON.stringify(dead.map(run => run.id))]))
  await collect(parts, running.flatMap(item => (item.serverId === null ? [] : [item.serverId])))
  const { unheard, silent } = await unheardOf(parts, running)
  const truth = await truthOf(parts, unheard)
  await store.transact(async tx => {
    // Somebody else may have settled them meanwhile.
    const still = await loadRuns(tx, `state = 'running' and session is not null and id in (select value from json_each(?))`, [JSON.stringify(dead.map(run => run.id))])
    const ids = new Set(still.filter(run => dead.some(one => one.id === run.id && one.session === run.session)).map(run => run.id))
    const open = new Set((await loadItems(tx, `i.run in (select value from json_each(?)) and i.state = 'running'`, [JSON.stringify([...ids])])).map(keyOf))
    const back = unheard.filter(item => open.has(keyOf(item)))
    await tx.update(itemTable, back.map(item => ({ ...requeued(item), result: null, error: null })))
    await recordTruth(tx, back, truth)
    await tx.update(itemTable, silent.filter(item => open.has(keyOf(item))).map(item => ({ run: item.run, ordinal: item.ordinal, result: 'unknown', error: JSON.stringify(unseen) })))
    for (const run of still.filter(one => ids.has(one.id))) await interrupt(tx, run)
  })
  return true
}

type Tx = Parameters<Parameters<Parts['store']['transact']>[0]>[0]

async function interrupt(tx: Tx, run: RunRecord): Promise<void> {
  if (run.detached) {
    // It was handed over, and whoever drove it died: the next one who waits drives it on.
    await countRuns(tx, [run.id])
    await tx.update(runTable, [{ id: run.id, session: null }])
    return finishLoose(tx, [run.id])
  }
  // A run made for another's sake is not taken up by itself: the other one will make a new one for what is left.
  await tx.run(`update item set result = 'not-attempted', error = ?, state = ? where run = ? and state = 'queued'`, [JSON.stringify({ ...cut, hint: `run resume ${run.id} takes it up` }), run.parent === null ? 'queued' : 'aborted', run.id])
  await tx.run(`update item set result = 'unknown', error = ? where run = ? and state = 'running' and result is null`, [JSON.stringify(unseen), run.id])
  await countRuns(tx, [run.id])
  await tx.update(runTable, [{ id: run.id, state: 'interrupted', session: null }])
  await finishLoose(tx, [run.id])
}

/** Unknown outcomes that still hold a lease, of runs that nobody drives. By way of the jobs that hold leases: those are few, the items of all runs are many. */
const adriftItems = `i.job in (select job from item where lease is not null) and i.result = 'unknown' and (select u.state <> 'running' or (u.detached = 1 and u.session is null) from run u where u.id = i.run)`

/**
 * Jobs that were asked of a server which then fell silent, of runs that nobody drives any more: now that the server answers, and
 * does not know them, they never began. Whoever drives a run counts on its items as he saw them.
 */
async function settleUnheard(parts: Parts): Promise<void> {
  const adrift = await parts.store.read(reader => loadItems(reader, adriftItems, []))
  if (adrift.length === 0) return
  await collect(parts, adrift.flatMap(item => (item.serverId === null ? [] : [item.serverId])))
  const { unheard } = await unheardOf(parts, adrift)
  if (unheard.length === 0) return
  const truth = await truthOf(parts, unheard)
  await parts.store.transact(async tx => {
    const open = new Set((await loadItems(tx, adriftItems, [])).map(keyOf))
    const runsOf = new Map((await loadRuns(tx, 'id in (select value from json_each(?))', [JSON.stringify(unheard.map(item => item.run))])).map(run => [run.id, run]))
    // A run that was handed over goes on by itself, an interrupted one waits for a resume, one that has ended needs a retry.
    const afterwards = (item: ItemRecord) => {
      const run = runsOf.get(item.run)!
      if (run.state === 'running') return { state: 'queued', result: null, error: null }
      return { state: run.state === 'interrupted' ? 'queued' : 'aborted', result: 'not-attempted', error: JSON.stringify(neverAsked) }
    }
    const back = unheard.filter(item => open.has(keyOf(item)))
    await tx.update(itemTable, back.map(item => ({ ...requeued(item), ...afterwards(item) })))
    await recordTruth(tx, back, truth)
    const runs = [...new Set(back.map(item => item.run))]
    await countRuns(tx, runs)
    await finishLoose(tx, runs)
  })
}

/** Of running items, those of which their servers know nothing, and those whose servers do not answer. */
async function unheardOf(parts: Parts, items: readonly ItemRecord[]): Promise<{ unheard: ItemRecord[]; silent: ItemRecord[] }> {
  const onServers = items.filter(item => operationRow(item.operation).way === 'power')
  const powerJobs = new Set((await Promise.all(onServers.map(item => parts.masters.power(item.targetId).known([item.job!])))).flat())
  const onGuests = items.filter(item => operationRow(item.operation).way !== 'power')
  const known = await knownJobs(parts, onGuests.map(item => ({ job: item.job!, serverId: item.serverId!, poolId: item.poolId })))
  return {
    unheard: [...onServers.filter(item => !powerJobs.has(item.job!)), ...onGuests.filter(item => !known.jobs.has(item.job!) && !known.silent.has(item.serverId!))],
    silent: onGuests.filter(item => known.silent.has(item.serverId!)),
  }
}

/** How the targets of changes that never began really are. */
interface Truth { facts: ReadonlyMap<string, GuestFacts>; power: ReadonlyMap<string, Row> }

async function truthOf(parts: Parts, items: readonly ItemRecord[]): Promise<Truth> {
  return { facts: await inspectGuests(parts, guestsOf(items)), power: await powerOf(parts, items) }
}

/** Sets the records of targets to how they really are, as far as somebody could tell. */
async function recordTruth(tx: Tx, items: readonly ItemRecord[], { facts, power }: Truth): Promise<void> {
  await applyWrites(tx, items.flatMap(item => item.undo))
  await tx.update(vmTable, items.flatMap(item => (facts.has(item.targetId) ? [reportedRow(item.targetId, facts.get(item.targetId)!)] : [])))
  await tx.update(serverTable, items.flatMap(item => (power.has(item.targetId) ? [power.get(item.targetId)!] : [])))
}

/** What the power ports say of servers whose change never began: their rows as they are to be. */
async function powerOf(parts: Parts, items: readonly ItemRecord[]): Promise<Map<string, Row>> {
  const rows = await Promise.all(items.filter(item => operationRow(item.operation).way === 'power').map(async item => {
    const [server] = await parts.store.read(reader => reader.select<{ maintenance: number }>({ maintenance: 'maintenance' }, 'from server where id = ?', [item.targetId]))
    const status = await parts.masters.power(item.targetId).status()
    return [item.targetId, { id: item.targetId, state: serverStateOf(status, server?.maintenance === 1) }] as const
  }))
  return new Map(rows)
}

function guestsOf(items: readonly ItemRecord[]): { id: string; poolId: string }[] {
  return items.filter(item => operationRow(item.operation).way === 'guest').map(item => ({ id: item.targetId, poolId: item.poolId }))
}

function requeued(item: ItemRecord): Row {
  return { run: item.run, ordinal: item.ordinal, state: 'queued', step: 'queued', lease: null, undo: null, server_id: null, target_server_id: null, started_at: null }
}

function keyOf(item: ItemRecord): string {
  return `${item.run}/${item.ordinal}`
}
