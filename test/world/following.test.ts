import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { News, type Followed } from '../../src/cli/news.js'
import type { RecordData } from '../../src/contract/fields.js'
import { noNarrowing, type ListRequest, type RunRequest } from '../../src/contract/requests.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { addFaultTo } from '../../src/embedded/faults.js'
import { managerOver, openStores } from '../../src/embedded/open.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { SimClock } from '../../src/sim/clock.js'
import { planOf } from '../../src/sim/presets.js'
import { World } from '../../src/sim/world.js'
import type { Changes, Store } from '../../src/store/store.js'

const principal = { user: 'admin' }

/** Word of changes that comes when the test says so, and what was asked for. */
class FakeWord {
  /** the sleeps that were asked for, in milliseconds */
  readonly sleeps: number[] = []
  blind = false
  private wakes: (() => void)[] = []
  private asked: (() => void)[] = []

  changes(): Changes {
    return {
      isBlind: () => this.blind,
      next: (ms, signal) => new Promise(resolve => {
        this.sleeps.push(ms)
        this.wakes.push(resolve)
        signal?.addEventListener('abort', () => resolve())
        if (ms < 500) setTimeout(resolve, ms)
        for (const tell of this.asked.splice(0)) tell()
      }),
    }
  }

  wake(): void {
    for (const wake of this.wakes.splice(0)) wake()
  }

  /** Until somebody sleeps. */
  asleep(): Promise<void> {
    return new Promise(resolve => { this.asked.push(resolve) })
  }
}

/** A store that counts what is asked of it, and tells of changes when the test says so. */
function counted(store: Store, word: FakeWord): Store & { reads: number; writes: number } {
  const counting = {
    reads: 0, writes: 0,
    read: <T>(work: Parameters<Store['read']>[0]) => { counting.reads++; return store.read(work) as Promise<T> },
    transact: <T>(work: Parameters<Store['transact']>[0]) => { counting.writes++; return store.transact(work) as Promise<T> },
    fork: () => store.fork(), changes: () => word.changes(), version: () => store.version(), close: () => store.close(),
  }
  return counting as Store & { reads: number; writes: number }
}

/** A farm with somebody who changes it, and somebody who looks on and whose sleep the test governs. */
async function watched() {
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-following-'))
  const { repository, world } = openStores(folder, true)
  await makeFarm(repository, world, planOf('figure-7', { pools: null, servers: null, guests: null }), { name: 'test', seed: 1, running: false, ha: false })
  const word = new FakeWord()
  const [records, place] = [counted(repository, word), counted(world, word)]
  const actor = managerOver('test', repository, world)
  const watcher = managerOver('test', records, place)
  const clock = new SimClock(new World(world))
  onTestFinished(async () => {
    await watcher.stopAwaiting({ principal })
    await actor.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { actor, watcher, clock, word, records, place, repository, world, folder, await: (afterRevision: string | null, waitMs = 3_600_000) => watcher.awaitChange({ principal, afterRevision, waitMs }) }
}

function order(operation: RunRequest['operation'], name: string, policy: Partial<RunRequest['policy']> = {}): RunRequest {
  return {
    principal, requestKey: `${Math.random()}`, operation, reason: null,
    selector: { targets: [name], listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: true, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: operation === 'vm.update' ? { set: { tier: 'web' }, unset: [] } : null },
    guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
    policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null, ...policy },
  }
}

async function perform(manager: EmbeddedManager, request: RunRequest): Promise<void> {
  let handle = await manager.startRun(request)
  while (handle.state === 'running') handle = await manager.followRun({ principal, run: handle.run, afterRevision: handle.revision })
}

describe('awaiting a change', () => {
  it('tells the revision at once, and sleeps a minute at a time while an idle farm stands, reading nothing', async () => {
    const { await: awaitChange, word, records, place, clock, actor } = await watched()
    // Something is under way and due, yet nobody moves a clock that stands.
    await perform(actor, order('vm.start', 'vm1', { noWait: true }))
    const { revision, changed, farm, time } = await awaitChange(null)
    expect([changed, farm, time]).toEqual([true, 'test', '2010-07-28T00:00:00Z'])
    const asleep = word.asleep()
    const awaited = awaitChange(revision)
    await asleep
    const before = [records.reads, place.reads]
    expect(word.sleeps).toEqual([60_000, 60_000])
    for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
    expect([records.reads, place.reads]).toEqual(before)
    // Woken for nothing it looks, writes nothing, and sleeps again.
    const again = word.asleep()
    word.wake()
    await again
    expect(word.sleeps).toEqual([60_000, 60_000, 60_000, 60_000])
    expect([records.writes, place.writes, await clock.nowMs()]).toEqual([0, 0, Date.UTC(2010, 6, 28)])
    await perform(actor, order('vm.update', 'vm2'))
    word.wake()
    expect(await awaited).toMatchObject({ changed: true })
  })

  it('comes back unchanged when its time is over, or it is stopped', async () => {
    const { await: awaitChange, watcher, word } = await watched()
    const { revision } = await awaitChange(null)
    expect(await awaitChange(revision, 0)).toMatchObject({ revision, changed: false })
    const asleep = word.asleep()
    const awaited = awaitChange(revision)
    await asleep
    await watcher.stopAwaiting({ principal })
    expect(await awaited).toMatchObject({ revision, changed: false })
    await expect(watcher.awaitChange({ principal: { user: 'nobody' }, afterRevision: revision, waitMs: 0 })).rejects.toMatchObject({ code: 'auth.unknown-user' })
  })

  it('asks each second where nothing can be watched', async () => {
    const { await: awaitChange, word } = await watched()
    word.blind = true
    const { revision } = await awaitChange(null)
    const asleep = word.asleep()
    void awaitChange(revision)
    await asleep
    expect(word.sleeps).toEqual([1_000, 1_000])
  })

  it('leaves recording to live commands, looks each second whether they live, and does it once they are gone', async () => {
    const { await: awaitChange, word, clock, records, world, actor, repository } = await watched()
    await perform(actor, order('vm.start', 'vm1'))
    const session = await clock.openSession()
    const { revision } = await awaitChange(null)
    const asleep = word.asleep()
    const awaited = awaitChange(revision)
    await asleep
    await addFaultTo({ repository, world }, { farm: null, kind: 'guest-crash', subject: 'vm1', at: null, afterMs: null, forMs: null, probability: null, count: null })
    const again = word.asleep()
    word.wake()
    await again
    expect(word.sleeps).toEqual([1_000, 1_000, 1_000, 1_000])
    expect(records.writes).toBe(0)
    await clock.closeSession(session)
    word.wake()
    expect(await awaited).toMatchObject({ changed: true })
    expect(JSON.parse((await actor.list(listOf('vm', ['name=vm1']))).json)).toMatchObject([{ state: 'powered-off' }])
  })

  it('sleeps until the next thing falls due by a clock with a rate, and lets it happen then', async () => {
    const { await: awaitChange, word, clock, actor } = await watched()
    await perform(actor, order('vm.start', 'vm1', { noWait: true }))
    await clock.setRate(0.001)
    let { revision } = await awaitChange(null)
    const asleep = word.asleep()
    const awaited = awaitChange(revision)
    await asleep
    // Thirty seconds of the farm are more than eight hours.
    expect(word.sleeps).toEqual([60_000, 60_000])
    await clock.setRate(1_000_000)
    word.wake()
    revision = (await awaited).revision
    for (let looks = 0; looks < 5 && !/"running"/.test((await actor.list({ ...listOf('vm', ['name=vm1']), follows: true })).json); looks++) revision = (await awaitChange(revision, 1)).revision
    expect(JSON.parse((await actor.list({ ...listOf('vm', ['name=vm1']), follows: true })).json)).toMatchObject([{ state: 'running' }])
  })

  it('ends when the farm is deleted', async () => {
    const { await: awaitChange, word, folder } = await watched()
    const { revision } = await awaitChange(null)
    const asleep = word.asleep()
    const awaited = awaitChange(revision)
    await asleep
    rmSync(folder, { recursive: true })
    word.wake()
    await expect(awaited).rejects.toMatchObject({ code: 'farm.not-found' })
  })
})

function listOf(kind: ListRequest['kind'], filters: string[] = []): ListRequest {
  return { principal, kind, narrowing: { ...noNarrowing, filters }, columns: null, sort: null, limit: null, cursor: null }
}

const vms = ['vm1', 'vm2', 'vm3'] as const
const steps = fc.oneof(
  fc.record({ do: fc.constant('run' as const), operation: fc.constantFrom('vm.start' as const, 'vm.stop' as const, 'vm.pause' as const, 'vm.update' as const), vm: fc.constantFrom(...vms), noWait: fc.boolean() }),
  fc.record({ do: fc.constant('crash' as const), vm: fc.constantFrom(...vms) }),
  fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 40 }) }),
  fc.constant({ do: 'look' as const }),
)

describe('whoever follows', () => {
  it('is told every event once, in order, and of every job the state in which it ended, whatever happens between two looks', async () => {
    await fc.assert(fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 12 }), fc.boolean(), async (history, fromTheStart) => {
      const { actor, watcher, repository, world } = await watched()
      const since = fromTheStart ? '2010-07-01' : null
      const before = JSON.parse((await actor.list(listOf('event'))).json) as RecordData[]
      const told: Record<'event' | 'job', RecordData[]> = { event: [], job: [] }
      const news = (['event', 'job'] as const).map(kind => {
        const followed: Followed = { kind, narrowing: noNarrowing, since, limit: null }
        const print = async (records: readonly RecordData[]) => { told[kind].push(...records) }
        return { follow: new News(watcher, principal, followed, ['id', 'state', 'subject'].filter(name => kind === 'job' || name !== 'state')), print }
      })
      for (const { follow, print } of news) {
        await follow.begin()
        await follow.earlier(print)
      }
      let { revision } = await watcher.awaitChange({ principal, afterRevision: null, waitMs: 0 })
      const look = async () => {
        const notice = await watcher.awaitChange({ principal, afterRevision: revision, waitMs: 0 })
        revision = notice.revision
        // What a follower would not look at, because nothing is said to have changed, must not have changed.
        if (notice.changed) for (const { follow, print } of news) await follow.next(print)
      }
      for (const step of history) {
        if (step.do === 'run') await perform(actor, order(step.operation, step.vm, { noWait: step.noWait }))
        else if (step.do === 'crash') await addFaultTo({ repository, world }, { farm: null, kind: 'guest-crash', subject: step.vm, at: null, afterMs: null, forMs: null, probability: null, count: null })
        else if (step.do === 'pass') await actor.moveClock({ principal, advanceMs: step.seconds * 1_000, rate: null })
        else await look()
      }
      await look()
      const events = JSON.parse((await actor.list(listOf('event'))).json) as RecordData[]
      expect(told.event.map(event => event['id'])).toEqual(events.slice(fromTheStart ? 0 : before.length).map(event => event['id']))
      const jobs = JSON.parse((await actor.list(listOf('job'))).json) as RecordData[]
      const lastTold = new Map(told.job.map(job => [job['id'], job['state']]))
      for (const job of jobs) expect(lastTold.get(job['id']), String(job['id'])).toBe(job['state'])
      const said = told.job.map(job => `${String(job['id'])} ${String(job['state'])}`)
      expect(new Set(said).size).toBe(said.length)
    }), {
      numRuns: 20,
      examples: [[[{ do: 'run', operation: 'vm.start', vm: 'vm1', noWait: true }, { do: 'look' }, { do: 'pass', seconds: 40 }], false]],
    })
  })

  it('takes only a position that a page gave', async () => {
    const { actor } = await watched()
    for (const after of ['', 'x', '1:', '1:a', '1:2,,3', '-1', '1;drop']) await expect(actor.list({ ...listOf('job'), after }), after).rejects.toMatchObject({ code: 'usage.request' })
    await expect(actor.list({ ...listOf('vm'), after: '1' })).rejects.toMatchObject({ code: 'usage.request' })
    await expect(actor.list({ ...listOf('vm'), cursor: 'x' })).rejects.toMatchObject({ code: 'usage.request' })
    expect((await actor.list({ ...listOf('vm'), after: null })).position).toBe(null)
  })
})
