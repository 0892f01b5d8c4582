import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { RunRequest } from '../../src/contract/requests.js'
import { noNarrowing } from '../../src/contract/requests.js'
import { poolChannel } from '../../src/embedded/channel.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { managerOver, openStores } from '../../src/embedded/open.js'
import { SimClock } from '../../src/sim/clock.js'
import { planOf } from '../../src/sim/presets.js'
import { World } from '../../src/sim/world.js'
import { SimFarm } from './sim-farm.js'
import { SimAgentKeys } from '../../src/sim/agent-keys.js'
import { SimSurveyor } from '../../src/sim/surveyor.js'
import { SimEnrolment } from '../../src/sim/enrolment.js'
import { SimNewcomers } from '../../src/sim/newcomers.js'

const ends: (() => Promise<void>)[] = []
afterEach(async () => { for (const end of ends.splice(0)) await end() })

async function farm() {
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-driving-'))
  const { repository, world } = openStores(folder, true)
  await makeFarm(repository, world, planOf('figure-7', { pools: null, servers: null, guests: null }), { name: 'test', seed: 1, running: false, ha: false })
  const manager = managerOver('test', repository, world)
  ends.push(async () => {
    await manager.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const itemOf = async (run: string) => (await repository.read(reader => reader.select<{ state: string; result: string | null; lease: string | null }>({ state: 'state', result: 'result', lease: 'lease' }, 'from item where run = ?', [run])))[0]!
  return { manager, repository, world, itemOf }
}

function start(name: string, user = 'admin', policy: Partial<RunRequest['policy']> = {}): RunRequest {
  return {
    principal: { user }, requestKey: `${user} ${name}`, operation: 'vm.start', reason: null,
    selector: { targets: [name], listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null },
    guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
    policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null, ...policy },
  }
}

describe('a run that was handed over', () => {
  it('keeps an item that nobody heard of while a live command counts on it; then it begins, and is done once', async () => {
    const { manager, repository, world, itemOf } = await farm()
    const { run } = await manager.startRun(start('vm1', 'admin', { noWait: true }))
    // Its driver died before the server heard of the job; another command took the run over, holding the outcome for unknown.
    const session = await new SimClock(new World(world)).openSession()
    await world.transact(async tx => { await tx.run('delete from activity'); await tx.run('delete from domain') })
    await repository.transact(async tx => { await tx.run(`update item set result = 'unknown'`); await tx.run('update run set session = ?', [session]) })
    await manager.startRun(start('vm2', 'admin', { noWait: true }))
    expect(await itemOf(run)).toMatchObject({ state: 'running', result: 'unknown' })
    await repository.transact(tx => tx.run('update run set session = null where id = ?', [run]))
    await new SimClock(new World(world)).closeSession(session)
    await manager.moveClock({ principal: { user: 'admin' }, advanceMs: 60_000, rate: null })
    expect(await itemOf(run)).toEqual({ state: 'succeeded', result: 'done', lease: null })
  })

  it('and is ended by somebody else in the middle of a turn does not end the command that drives it along', async () => {
    const { manager, repository } = await farm()
    const { run } = await manager.startRun(start('vm1', 'admin', { noWait: true }))
    const transact = repository.transact.bind(repository)
    let claimed = false
    repository.transact = async work => {
      const value = await transact(work)
      // Right after it was claimed, another command ends it.
      if (!claimed) claimed = await transact(async tx => {
        const ended = await tx.run(`update run set state = 'finished', session = null where id = ? and session is not null`, [run])
        return ended === 1 && (await tx.run(`update item set state = 'succeeded', result = 'done', lease = null where run = ?`, [run])) === 1
      })
      return value
    }
    let handle = await manager.startRun(start('vm2'))
    while (handle.state === 'running') handle = await manager.followRun({ principal: { user: 'admin' }, run: handle.run, afterRevision: handle.revision })
    expect(claimed).toBe(true)
    expect(await manager.runReport({ principal: { user: 'admin' }, run: handle.run })).toMatchObject({ done: 1 })
  })
})

describe('a run that has ended', () => {
  it('is not interrupted by a signal that comes too late', async () => {
    const { manager } = await farm()
    const principal = { user: 'admin' }
    const { run, revision } = await manager.startRun(start('vm1'))
    expect(await manager.followRun({ principal, run, afterRevision: revision })).toMatchObject({ state: 'running', settled: 1 })
    await manager.interruptRun({ principal, run })
    expect(await manager.followRun({ principal, run, afterRevision: revision })).toMatchObject({ state: 'finished' })
  })
})

describe('a run of somebody else', () => {
  it('is not there to be followed, interrupted or read, nor is a dry run or one that never was', async () => {
    const { manager } = await farm()
    const { run } = await manager.startRun(start('vm1'))
    const dry = await manager.startRun(start('vm2', 'admin', { dryRun: true }))
    for (const one of [run, dry.run, 'run-none']) {
      const principal = { user: 'alice' }
      for (const asked of [() => manager.followRun({ principal, run: one, afterRevision: 0 }), () => manager.interruptRun({ principal, run: one }), () => manager.runReport({ principal, run: one })]) {
        await expect(asked()).rejects.toMatchObject({ code: 'not-found.run' })
      }
    }
    expect(await manager.runReport({ principal: { user: 'admin' }, run: dry.run })).toMatchObject({ wouldDo: 1 })
  })
})

describe('a server that falls silent between two tries', () => {
  it('may have done what it was asked: no answer, not unreachable', async () => {
    const world = await SimFarm.make({ preset: 'figure-6' })
    ends.push(() => world.remove())
    const ports = { serverId: world.id('ovs1'), hypervisor: world.hypervisor('ovs1'), storage: world.storage('ovs1'), power: world.power('ovs1'), enrolment: new SimEnrolment(world.world, world.id('ovs1')), surveyor: new SimSurveyor(world.world, world.id('ovs1')), keys: new SimAgentKeys(world.world, world.id('ovs1')) }
    let asked = 0
    const reach = { isTroubled: async () => true, answers: async () => asked === 0, losesReply: async () => { asked++; return true } }
    const channel = poolChannel(reach, ports.serverId, [{ name: 'ovs1', ports }], new SimNewcomers(world.stores.world))
    const request = { job: 'job-1', session: null, serverId: ports.serverId, operation: 'vm.start' as const, guest: world.guest('vm1'), targetServerId: null, manner: { force: false, graceMs: 0, forceAfterMs: null } }
    expect(await channel.dispatch([request])).toMatchObject([{ answer: 'no-answer', error: { code: 'agent.no-answer' } }])
  })
})

describe('a manager that stays open from one command to the next', () => {
  const principal = { user: 'admin' }
  type Manager = Awaited<ReturnType<typeof farm>>['manager']

  /** Takes a run up again and sees it through. */
  async function resumed(manager: Manager, run: string) {
    let handle = await manager.resumeRun({ principal, run, change: {}, timeoutMs: null, noWait: false })
    while (handle.state === 'running') handle = await manager.followRun({ principal, run, afterRevision: handle.revision })
    return manager.runReport({ principal, run })
  }

  it('takes up a run that was interrupted at it, and does not take it for interrupted again', async () => {
    const { manager } = await farm()
    const { run, revision } = await manager.startRun(start('vm1'))
    await manager.interruptRun({ principal, run })
    expect(await manager.followRun({ principal, run, afterRevision: revision })).toMatchObject({ state: 'interrupted' })
    expect(await resumed(manager, run)).toMatchObject({ done: 1 })
  })

  it('lets go of the clock when a command fails while it follows a run, and serves the next', async () => {
    const { manager, repository, world } = await farm()
    const { run, revision } = await manager.startRun(start('vm1'))
    const { transact } = repository
    repository.transact = () => Promise.reject(new Error('the disk is full'))
    await expect(manager.followRun({ principal, run, afterRevision: revision })).rejects.toThrow('the disk is full')
    repository.transact = transact
    expect(await world.read(reader => reader.select({ id: 'id' }, 'from session'))).toEqual([])
    // As after a command that died.
    expect(await manager.runReport({ principal, run })).toMatchObject({ notAttempted: 1 })
    expect(await resumed(manager, run)).toMatchObject({ done: 1 })
  })

  it('looks for news of a run that it began, once its first report was asked for', async () => {
    const { manager, world } = await farm()
    const { run } = await manager.startRun(start('vm1', 'admin', { noWait: true }))
    expect(await manager.runReport({ principal, run })).toMatchObject({ accepted: 1 })
    // An hour passes by a clock with a rate.
    await manager.moveClock({ principal, advanceMs: null, rate: 1 })
    await world.transact(tx => tx.run(`update meta set value = value - 3600000 where key = 'anchorWall'`))
    expect(await manager.runReport({ principal, run })).toMatchObject({ accepted: 0, done: 1 })
  })

  it('waits for guests from the time that a clock with a rate shows, and holds it meanwhile', async () => {
    const { manager, world } = await farm()
    const passes = (ms: number) => world.transact(tx => tx.run(`update meta set value = value - ? where key = 'anchorWall'`, [ms]))
    await manager.moveClock({ principal, advanceMs: null, rate: 1 })
    await passes(3_600_000)
    const { selector } = start('vm1')
    const wait = manager.waitForVms({ principal, selector, for: 'running', orFail: false, timeoutMs: 60_000 })
    const changes = world.changes()
    while ((await world.read(reader => reader.select({ id: 'id' }, 'from session where hold_at is not null'))).length === 0) await changes.next(1_000)
    await passes(60_000)
    const report = await wait
    expect(report).toMatchObject({ unknown: 1, items: [{ error: { code: 'run.deadline' } }] })
    expect(Date.parse(report.startedAt)).toBeGreaterThanOrEqual(Date.parse('2010-07-28T01:00:00Z'))
    expect(report.elapsedSeconds).toBe(60)
  })

  it('keeps the report of a dry run until it is asked for', async () => {
    const { manager } = await farm()
    const { run } = await manager.startRun(start('vm1', 'admin', { dryRun: true }))
    expect(await manager.runReport({ principal, run })).toMatchObject({ wouldDo: 1 })
    await expect(manager.runReport({ principal, run })).rejects.toMatchObject({ code: 'not-found.run' })
    expect((await manager.startRun(start('vm2', 'admin', { dryRun: true }))).run).not.toBe(run)
  })
})
