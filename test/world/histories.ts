import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Manager, Report, RunHandle } from '../../src/contract/manager.js'
import { noNarrowing, type Policy, type RunRequest } from '../../src/contract/requests.js'
import { addFaultTo, clearFaultsOf, type FarmStores } from '../../src/embedded/faults.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { managerOver, openStores } from '../../src/embedded/open.js'
import { Refusal } from '../../src/model/errors.js'
import { faultKindFacts, faultKinds, type FaultKind } from '../../src/model/fault-kinds.js'
import { mix32 } from '../../src/model/identity.js'
import { admissionOf } from '../../src/manager/admission.js'
import { actOf } from '../../src/manager/acts.js'
import { makerOf } from '../../src/manager/making.js'
import { isInstant, operationRow, runOperations } from '../../src/model/operations.js'
import { planOf } from '../../src/sim/presets.js'
import { checkInvariants, checkReported, checkSettled, logActivities } from './invariants.js'
import { Actor, ActorStore, Turns, type Planted } from './turns.js'

const principal = { user: 'admin' }
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 3 })

const policy = fc.record({
  parallel: maybe(fc.integer({ min: 1, max: 3 })), onError: fc.constantFrom('continue' as const, 'continue' as const, 'stop' as const), maxFailures: maybe(fc.record({ count: fc.integer({ min: 0, max: 2 }) })),
  canary: maybe(fc.integer({ min: 1, max: 2 })), orderTag: maybe(fc.constant('tier')), finishBy: maybe(fc.constantFrom('+20s', '+2m')), leaseWaitMs: fc.constantFrom(0, 0, 15_000, 120_000), strict: fc.constant(false), dryRun: fc.constant(false),
  noWait: fc.constantFrom(false, false, false, true), timeoutMs: fc.constantFrom(null, null, null, 5_000, 40_000),
})

const command = fc.oneof(
  { weight: 10, arbitrary: fc.record({
    kind: fc.constant('run' as const), operation: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...runOperations.filter(operation => operationRow(operation).way === 'guest')) }, { weight: 2, arbitrary: fc.constantFrom(...runOperations.filter(operation => !operationRow(operation).makes && !operation.startsWith('image.')), 'pool.add-server' as const) }), vms: fc.uniqueArray(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 6 }), servers: fc.uniqueArray(fc.constantFrom('ovs1', 'ovs2', 'ovs3'), { minLength: 1, maxLength: 2 }),
    force: fc.boolean(), evacuate: fc.boolean(), to: fc.constantFrom('auto', 'ovs1', 'ovs2', 'ovs3'), policy, interruptAfter: fc.constantFrom(null, null, null, 1, 3),
  }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('resume' as const, 'retry' as const), nth: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('clock' as const), advanceMs: fc.integer({ min: 0, max: 120_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
)
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

const fault = fc.record({ kind: fc.constantFrom(...(Object.keys(faultKinds) as FaultKind[])), vm: fc.integer({ min: 1, max: 10 }), server: fc.constantFrom('ovs1', 'ovs2', 'ovs3'), afterMs: fc.integer({ min: 0, max: 60_000 }), forMs: maybe(fc.integer({ min: 1_000, max: 300_000 })), count: maybe(fc.integer({ min: 1, max: 4 })) })

type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never

/** A history: several clients with commands each, some of which die at a write boundary, faults, and the order of turns. */
export const history = fc.record({
  clients: fc.array(fc.record({ commands: fc.array(command, { minLength: 1, maxLength: 5 }), death: maybe(fc.record({ at: fc.integer({ min: 1, max: 40 }), committed: fc.boolean() })) }), { minLength: 1, maxLength: 3 }),
  faults: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.array(fault, { maxLength: 3 }) }),
  running: fc.boolean(), seed: fc.nat(1_000_000),
})
export type History = typeof history extends fc.Arbitrary<infer T> ? T : never

/** The rooms of the manager, loaded: a client who has to load one would seem to wait for something that never comes. */
const rooms = Promise.all(runOperations.map(async operation => [await makerOf(operation), await admissionOf(operation), isInstant(operation) ? await actOf(operation) : null]))

/** Plays a history on a farm of its own; throws where an invariant is broken. `planted` puts a defect into every client. */
export async function playHistory(told: History, planted: Planted | null = null): Promise<void> {
  await rooms
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-sim-'))
  const stores = openStores(folder, true)
  const { repository, world } = stores
  try {
    // All that lies there is recorded: what is free is held against what is listed.
    const plan = planOf('figure-8', { pools: null, servers: null, guests: null })
    await makeFarm(repository, world, { ...plan, pools: plan.pools.map(pool => ({ ...pool, undiscovered: false })) }, { name: 'sim', seed: told.seed, running: told.running, ha: false })
    await logActivities(world)
    for (const one of told.faults) await addFault(stores, one)
    const turns = new Turns()
    const reports: Report[] = []
    let choices = 0
    told.clients.forEach(({ commands, death }, at) => {
      const actor = new Actor(at + 1, death, planted)
      turns.actors.push(actor)
      const manager = managerOver('sim', new ActorStore(repository, actor, turns), new ActorStore(world, actor, turns), { presence: turns.presenceOf(actor), pause: () => turns.pass(actor) })
      void runScript(manager, commands, `client-${at}`, reports, told.faults.length > 0 || silences(told)).then(() => turns.end(actor), error => { turns.end(actor); failures.push(error) })
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
  return clients.some(({ commands }) => commands.some(one => one.kind === 'run' && (one.operation === 'agent.stop' || one.operation === 'agent.restart')))
}

async function addFault(stores: FarmStores, { kind, vm, server, afterMs, forMs, count }: Fault): Promise<void> {
  const { flags, takes } = faultKindFacts(kind)
  await addFaultTo(stores, { farm: null, kind, subject: takes[0] === 'server' ? server : `vm${vm}`, at: null, afterMs, forMs: flags.includes('for') ? forMs : null, probability: null, count: flags.includes('count') ? count : null })
}

async function runScript(manager: Manager, commands: readonly Command[], name: string, reports: Report[], faulty: boolean): Promise<void> {
  for (const [at, one] of commands.entries()) {
    try {
      await perform(manager, one, `${name}/${at}`, reports, faulty)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code.startsWith('defect') || error.code.startsWith('store')) throw error
    }
  }
  await manager.close()
}

async function perform(manager: Manager, one: Command, requestKey: string, reports: Report[], faulty: boolean): Promise<void> {
  switch (one.kind) {
    case 'clock': await manager.moveClock({ principal, advanceMs: one.advanceMs, rate: null }); return
    case 'look': await manager.list({ principal, kind: 'vm', narrowing: noNarrowing, columns: null, sort: null, limit: null, cursor: null }); return
    case 'resume':
    case 'retry': {
      const runs = JSON.parse((await manager.list({ principal, kind: 'run', narrowing: noNarrowing, columns: ['id'], sort: null, limit: null, cursor: null })).json) as { id: string }[]
      const run = runs[one.nth]?.id
      if (run === undefined) return
      const rest = { principal, run, change: {}, timeoutMs: null, noWait: false }
      return follow(manager, one.kind === 'resume' ? await manager.resumeRun(rest) : await manager.retryRun({ ...rest, requestKey, reason: null }), null, reports, null)
    }
    case 'run': return follow(manager, await manager.startRun(requestOf(one, requestKey)), one.interruptAfter, reports, faulty ? null : one.policy)
  }
}

/** What operations on what guests are ask for: values that differ, so that what was changed once is changed again. */
function guestDetails({ operation, vms }: Extract<Command, { kind: 'run' }>): object | undefined {
  const number = vms[0]!
  switch (operation) {
    case 'vm.update': return number % 3 === 0 ? {} : { memoryMiB: 1_024 * (1 + (number % 5)), vcpus: 1 + (number % 3) }
    case 'vm.nic-add': return { bridge: 'xenbr1', mac: null }
    case 'vm.nic-update': return { nic: 'eth0', bridge: `xenbr${number}`, mac: null }
    case 'vm.nic-remove': return { nic: `eth${number % 2}` }
    case 'vm.disk-add': return number % 4 === 0 ? { device: '/dev/mapper/lun1' } : { sizeMiB: 1_024 * number }
    case 'vm.disk-remove': return { disk: number % 2 === 0 ? 'xvda' : 'xvdb' }
    default: return undefined
  }
}

function requestOf(one: Extract<Command, { kind: 'run' }>, requestKey: string): RunRequest {
  const { operation } = one
  return {
    principal, requestKey, operation, reason: null,
    selector: { targets: targetsOf(one), listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: one.force, graceMs: null, forceAfterMs: null, to: operation === 'vm.migrate' ? one.to : null, on: null, evacuate: one.evacuate && !one.force, tags: operation === 'vm.update' ? { set: { tier: String(one.vms.length % 3) }, unset: [] } : null, details: detailsOf(one), ...(operation === 'agent.configure' ? { secret: JSON.stringify({ password: `password-of-${one.to}`, oldPassword: null }) } : {}) },
    guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true }, policy: one.policy,
  }
}

function targetsOf({ operation, vms, servers }: Extract<Command, { kind: 'run' }>): string[] {
  if (operation.startsWith('vm.')) return vms.map(number => `vm${number}`)
  if (operation.startsWith('template.')) return [vms[0]! % 3 === 0 ? 'pool2/ol5u5-pv' : 'pool1/ol5u5-pv']
  if (operation.startsWith('iso.')) return [vms[0]! % 3 === 0 ? 'pool2/ol5u5.iso' : 'pool1/ol5u5.iso']
  return operation.startsWith('pool.') ? [vms[0]! % 3 === 0 ? 'pool2' : 'pool1'] : servers
}

/** What operations on pools ask for. Servers come back from where they were, so that they can be had again, or are new. */
function detailsOf(one: Extract<Command, { kind: 'run' }>): unknown {
  const [pool] = targetsOf(one)
  const name = one.to === 'auto' ? 'ovs4' : one.to
  switch (one.operation) {
    case 'pool.update': return { rename: null, storage: null, ha: one.evacuate, virtualIp: one.force ? '10.1.0.250' : null }
    case 'server.update': return { roles: one.force ? ['utility', 'vm'] : ['vm'], rename: null }
    case 'pool.master': return { server: one.to === 'auto' ? null : one.to }
    case 'pool.remove-server': return { pool, servers: one.servers }
    case 'pool.add-server': return { pool, servers: [{ name, address: { ovs1: '10.1.0.1', ovs2: '10.1.0.2', ovs3: '10.2.0.1', ovs4: '10.1.0.4' }[name] }], password: null, roles: one.evacuate ? ['utility'] : null }
    default: return guestDetails(one)
  }
}

/** `sure`: the policy of a run of which nothing may stay unknown without a reason; null where faults or others may be one. */
async function follow(manager: Manager, begun: RunHandle, interruptAfter: number | null, reports: Report[], sure: Policy | null): Promise<void> {
  let handle = begun
  for (let at = 1; handle.state === 'running'; at++) {
    handle = await manager.followRun({ principal, run: handle.run, afterRevision: handle.revision })
    if (at === interruptAfter) await manager.interruptRun({ principal, run: handle.run })
  }
  const report = await manager.runReport({ principal, run: handle.run })
  const { total, done, unchanged, failed, unknown, notAttempted, accepted, wouldDo, wouldFail } = report
  if (done + unchanged + failed + unknown + notAttempted + accepted + wouldDo + wouldFail !== total) throw new Error(`the counts of ${report.run} do not add up`)
  if (sure && !sure.noWait && accepted > 0) throw new Error(`a run that was waited for says accepted: ${JSON.stringify(report)}`)
  if (sure && sure.timeoutMs === null && interruptAfter === null && unknown > 0) throw new Error(`unknown without a reason: ${JSON.stringify(report)}`)
  reports.push(report)
}

/** What an administrator does the morning after: faults are mended, servers powered on, cut runs resumed; then time passes. */
async function tidyUp(stores: FarmStores, turns: Turns): Promise<void> {
  const janitor = new Actor(99, null)
  turns.actors.push(janitor)
  const manager = managerOver('sim', stores.repository, stores.world, { presence: turns.presenceOf(janitor) })
  await clearFaultsOf(stores, [])
  await manager.moveClock({ principal, advanceMs: 600_000, rate: null })
  const all = { targets: [], listed: false, all: true, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: true }
  const plain: Policy = { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null }
  const onAll = (operation: RunRequest['operation'], time: string) => manager.startRun({
    principal, requestKey: `tidy/${operation}/${time}`, operation, reason: null, selector: all, options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null }, guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true }, policy: plain,
  })
  for (const operation of ['agent.start', 'server.start', 'server.maintenance-off'] as const) await see(manager, await onAll(operation, 'first'))
  const cut = JSON.parse((await manager.list({ principal, kind: 'run', narrowing: { ...noNarrowing, filters: ['state=interrupted'] }, columns: ['id'], sort: null, limit: null, cursor: null })).json) as { id: string }[]
  for (const { id } of cut) await see(manager, await manager.resumeRun({ principal, run: id, change: {}, timeoutMs: null, noWait: false }))
  // What was taken up may have stopped an agent once more.
  await see(manager, await onAll('agent.start', 'again'))
  await manager.moveClock({ principal, advanceMs: 86_400_000, rate: null })
}

async function see(manager: Manager, begun: RunHandle): Promise<void> {
  for (let handle = begun; handle.state === 'running';) handle = await manager.followRun({ principal, run: handle.run, afterRevision: handle.revision })
}
