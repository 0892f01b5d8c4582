import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Manager, Report, RunHandle } from '../../src/contract/manager.js'
import { noNarrowing, type OperationOptions, type Policy, type Principal, type RunRequest } from '../../src/contract/requests.js'
import { addFaultTo, clearFaultsOf, type FarmStores } from '../../src/embedded/faults.js'
import { managerOver, openStores } from '../../src/embedded/open.js'
import { Refusal } from '../../src/model/errors.js'
import { faultKindFacts, faultKinds, type FaultKind } from '../../src/model/fault-kinds.js'
import { mix32 } from '../../src/model/identity.js'
import type { RunOperation } from '../../src/model/operations.js'
import type { Store } from '../../src/store/store.js'
import type { Way } from '../../src/model/operations/row.js'
import { asked, maybe, themes } from './asks.js'
import { checkInvariants, checkReported, checkSettled, logActivities } from './invariants.js'
import { makeScarceFarm } from './scarce-farm.js'
import { Actor, ActorStore, Turns, type Planted } from './turns.js'

const policy: fc.Arbitrary<Policy> = fc.record({
  parallel: maybe(fc.integer({ min: 1, max: 3 })), onError: fc.constantFrom('continue' as const, 'continue' as const, 'stop' as const), maxFailures: maybe(fc.record({ count: fc.integer({ min: 0, max: 2 }) })),
  canary: maybe(fc.integer({ min: 1, max: 2 })), orderTag: maybe(fc.constant('tier')), finishBy: maybe(fc.constantFrom('+20s', '+5m', '+1h')), leaseWaitMs: fc.constantFrom(0, 0, 15_000, 120_000), strict: fc.constant(false), dryRun: fc.constant(false),
  noWait: fc.constantFrom(false, false, false, true), timeoutMs: fc.constantFrom(null, null, null, null, 5_000, 200_000),
})

const plain: Policy = { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null }

const user = fc.constantFrom('admin', 'admin', 'admin', 'admin', 'admin', 'operator', 'operator', 'alice', 'u1')

const command = (ways: readonly Way[]) => fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('run' as const), user, ask: asked(ways), policy, interruptAfter: fc.constantFrom(null, null, null, 1, 3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('resume' as const, 'retry' as const, 'undo' as const), user, nth: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('abort' as const), user, nth: fc.nat(5), most: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('clock' as const), user, advanceMs: fc.integer({ min: 0, max: 120_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const), user }) },
)
type Command = ReturnType<typeof command> extends fc.Arbitrary<infer T> ? T : never

const fault = fc.record({ kind: fc.constantFrom(...(Object.keys(faultKinds) as FaultKind[])), which: fc.nat(9), befalls: fc.nat(1), afterMs: fc.integer({ min: 0, max: 60_000 }), forMs: maybe(fc.integer({ min: 1_000, max: 300_000 })), count: maybe(fc.integer({ min: 1, max: 4 })) })

type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never

/** A history, mostly of work of some ways: several clients with commands each, some of which die at a write boundary, faults, and the order of turns. */
export const historyAbout = (ways: readonly Way[]) => fc.record({
  clients: fc.array(fc.record({ commands: fc.array(command(ways), { minLength: 1, maxLength: 6, size: 'max' }), death: maybe(fc.record({ at: fc.integer({ min: 1, max: 80 }), committed: fc.boolean() })) }), { minLength: 1, maxLength: 3, size: 'max' }),
  faults: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.array(fault, { maxLength: 3, size: 'max' }) }),
  running: fc.boolean(), seed: fc.nat(1_000_000),
})
/** Any history. */
export const history = fc.constantFrom(...themes).chain(historyAbout)
export type History = typeof history extends fc.Arbitrary<infer T> ? T : never

/** Plays a history on a farm of its own; throws where an invariant is broken. `planted` puts a defect into every client. */
export async function playHistory(told: History, planted: Planted | null = null): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-sim-'))
  const stores = openStores(folder, true)
  const { repository, world } = stores
  try {
    await makeScarceFarm(stores, told)
    await logActivities(world)
    for (const one of told.faults) await addFault(stores, one)
    const turns = new Turns()
    const reports: Report[] = []
    let choices = 0
    told.clients.forEach(({ commands, death }, at) => {
      const actor = new Actor(at + 1, death, planted)
      turns.actors.push(actor)
      const manager = managerOver('sim', new ActorStore(repository, actor, turns), new ActorStore(world, actor, turns), { presence: turns.presenceOf(actor), pause: () => turns.pass(actor) })
      void runScript({ manager, repository, reports, faulty: told.faults.length > 0 || silences(told) }, commands, `client-${at}`).then(() => turns.end(actor), error => { turns.end(actor); failures.push(error) })
    })
    const failures: unknown[] = []
    await turns.play(among => mix32(told.seed, choices++) % among, async () => {
      if (failures.length > 0) throw failures[0]
      await checkInvariants(repository, world)
    }, 20_000)
    if (failures.length > 0) throw failures[0]
    await tidyUp(stores, turns)
    await checkInvariants(repository, world)
    if (process.env['SIM_DEBUG']) console.log(JSON.stringify(await repository.read(async r => ({ events: await r.select({ at: 'at', m: 'message', s: 'subject' }, 'from event order by seq'), items: await r.select({ run: 'run', op: 'operation', n: 'name', st: 'state', res: 'result', step: 'step', sv: 'server_id' }, 'from item order by run, ordinal') })), null, 0).replaceAll('},{', '},\n{'))
    await checkSettled(repository, world)
    await checkReported(repository, reports)
  } finally {
    await repository.close()
    await world.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether somebody stops agents: what happens on their servers meanwhile nobody can tell. */
function silences({ clients }: History): boolean {
  return clients.some(({ commands }) => commands.some(one => one.kind === 'run' && (one.ask.operation === 'agent.stop' || one.ask.operation === 'agent.restart')))
}

async function addFault(stores: FarmStores, { kind, which, befalls, afterMs, forMs, count }: Fault): Promise<void> {
  const { flags, takes } = faultKindFacts(kind)
  const of = takes[befalls % takes.length]!
  const ids = await stores.repository.read(reader => reader.select<{ id: string }>({ id: 'id' }, `from ${of} order by id`))
  await addFaultTo(stores, { farm: null, kind, subject: ids[which % ids.length]!.id, at: null, afterMs, forMs: flags.includes('for') ? forMs : null, probability: null, count: flags.includes('count') ? count : null })
}

/** One client as it plays: what it was told goes to `reports`; `faulty` where faults were wished for. */
interface Player { manager: Manager; repository: Store; reports: Report[]; faulty: boolean }

async function runScript(player: Player, commands: readonly Command[], name: string): Promise<void> {
  for (const [at, one] of commands.entries()) {
    try {
      await perform(player, one, `${name}/${at}`)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code.startsWith('defect') || error.code.startsWith('store')) throw error
    }
  }
  await player.manager.close()
}

async function perform(player: Player, one: Command, requestKey: string): Promise<void> {
  const { manager } = player
  const principal = { user: one.user }
  switch (one.kind) {
    case 'clock': await manager.moveClock({ principal, advanceMs: one.advanceMs, rate: null }); return
    case 'look': await manager.list({ principal, kind: 'vm', narrowing: noNarrowing, columns: null, sort: null, limit: null, cursor: null }); return
    case 'abort': {
      const jobs = await idsOf(manager, one.user, 'job', ['queued', 'running'])
      const chosen = jobs.slice(one.nth, one.nth + one.most)
      if (chosen.length > 0) await manager.abortJobs({ principal, jobs: chosen, reason: null, timeoutMs: null })
      return
    }
    case 'resume':
    case 'retry':
    case 'undo': {
      const run = (await idsOf(manager, one.user, 'run', []))[one.nth]
      if (run === undefined) return
      const rest = { principal, run, change: {}, timeoutMs: null, noWait: false }
      if (one.kind === 'undo') return follow(player, one.user, await manager.undoRun({ principal, run, requestKey, confirmed: true, policy: plain, reason: null }), null, null)
      return follow(player, one.user, one.kind === 'resume' ? await manager.resumeRun(rest) : await manager.retryRun({ ...rest, requestKey, reason: null }), null, null)
    }
    case 'run': return follow(player, one.user, await manager.startRun(requestOf(one, requestKey)), one.interruptAfter, player.faulty ? null : one.policy)
  }
}

async function idsOf(manager: Manager, user: string, kind: 'run' | 'job', states: string[]): Promise<string[]> {
  const { json } = await manager.list({ principal: { user }, kind, narrowing: { ...noNarrowing, states }, columns: ['id'], sort: null, limit: null, cursor: null })
  return (JSON.parse(json) as { id: string }[]).map(record => record.id)
}

const noOptions: OperationOptions = { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null }
const anyhow = { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true }

function requestOf({ user, ask, policy }: Extract<Command, { kind: 'run' }>, requestKey: string): RunRequest {
  return {
    principal: { user }, requestKey, operation: ask.operation, reason: null, policy, guards: anyhow, options: { ...noOptions, ...ask.options },
    // What others deleted meanwhile is left out, so that the rest of the run still is one.
    selector: { targets: ask.targets, listed: false, all: false, narrowing: noNarrowing, ignoreMissing: true, allowEmpty: true },
  }
}

/** `sure`: the policy of a run of which nothing may stay unknown without a reason; null where faults or others may be one. */
async function follow({ manager, repository, reports }: Player, user: string, begun: RunHandle, interruptAfter: number | null, sure: Policy | null): Promise<void> {
  const principal = { user }
  let handle = begun
  for (let at = 1; handle.state === 'running'; at++) {
    handle = await manager.followRun({ principal, run: handle.run, afterRevision: handle.revision })
    if (at === interruptAfter) await manager.interruptRun({ principal, run: handle.run })
  }
  const report = await manager.runReport({ principal, run: handle.run })
  const { total, done, unchanged, failed, unknown, notAttempted, accepted, wouldDo, wouldFail } = report
  if (done + unchanged + failed + unknown + notAttempted + accepted + wouldDo + wouldFail !== total) throw new Error(`the counts of ${report.run} do not add up`)
  if (sure && !sure.noWait && accepted > 0) throw new Error(`a run that was waited for says accepted: ${JSON.stringify(report)}`)
  if (sure && sure.timeoutMs === null && interruptAfter === null && unknown > 0 && (await mastersUp(repository)).some(pool => report.items.some(item => item.result === 'unknown' && item.pool === pool))) throw new Error(`unknown without a reason: ${JSON.stringify(report)}`)
  reports.push(report)
}

/** Pools whose masters are up: while one was switched off nobody can tell what goes on in its pool. */
async function mastersUp(repository: Store): Promise<string[]> {
  return (await repository.read(reader => reader.select<{ name: string }>({ name: 'p.name' }, `from pool p join server s on s.id = p.master_id where s.state in ('active', 'maintenance')`))).map(row => row.name)
}

/** What an administrator does the morning after: faults are mended, servers powered on, cut runs resumed; then time passes. */
async function tidyUp(stores: FarmStores, turns: Turns): Promise<void> {
  const janitor = new Actor(99, null)
  turns.actors.push(janitor)
  const manager = managerOver('sim', stores.repository, stores.world, { presence: turns.presenceOf(janitor) })
  const [administrator] = await stores.repository.read(reader => reader.select<{ user: string }>({ user: 'name' }, `from user where role = 'administrator' and state = 'active' order by name`))
  const principal = administrator!
  await clearFaultsOf(stores, [])
  await manager.moveClock({ principal, advanceMs: 600_000, rate: null })
  const all = { targets: [], listed: false, all: true, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: true }
  const onAll = async (operation: RunOperation, time: string) => see(manager, principal, await manager.startRun({ principal, requestKey: `tidy/${operation}/${time}`, operation, reason: null, selector: all, options: noOptions, guards: anyhow, policy: plain }))
  for (const operation of ['agent.start', 'server.start', 'server.maintenance-off'] as const) await onAll(operation, 'first')
  for (const run of await idsOf(manager, principal.user, 'run', ['interrupted'])) await see(manager, principal, await manager.resumeRun({ principal, run, change: {}, timeoutMs: null, noWait: false }))
  // What was taken up may have stopped an agent once more.
  await onAll('agent.start', 'again')
  await manager.moveClock({ principal, advanceMs: 86_400_000, rate: null })
}

async function see(manager: Manager, principal: Principal, begun: RunHandle): Promise<void> {
  for (let handle = begun; handle.state === 'running';) handle = await manager.followRun({ principal, run: handle.run, afterRevision: handle.revision })
}
