import type { Account, AgentLog, ChangeNotice, ClockReading, Console, Discovered, FarmStatus, FarmTopology, JobsWaited, Manager, Page, Permitted, Report, ReportItem, RunHandle, RunProgress, ServerNic, ServerRepo } from '../contract/manager.js'
import type { HealthCheck } from '../contract/farms.js'
import { lookPermission, type RecordData } from '../contract/fields.js'
import {
  abortSchema, agentLogSchema, changeRequestSchema, checkRequestSchema, clockRequestSchema, consoleRequestSchema, discoverSchema, farmRequestSchema, followRequestSchema, jobWaitSchema, listRequestSchema, mayRequestSchema, namedServersSchema, reportRequestSchema, resumeRunSchema, retryRunSchema, runRequestSchema, showRequestSchema, suggestRequestSchema, undoRunSchema, validate, waitRequestSchema,
  type Principal, type RunRequest, type UndoRequest,
} from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { lastClockMs } from '../model/moments.js'
import { namesOf } from '../model/names.js'
import { isInstant, type RunOperation } from '../model/operations.js'
import type { Permission } from '../model/permissions.js'
import { formatTime } from '../model/units.js'
import type { VmState } from '../model/vm-states.js'
import type { Reader } from '../store/store.js'
import { abort, abortable } from './abort.js'
import { Assumption } from './assume.js'
import { RunDriver } from './drive.js'
import { Expectations } from './expectation.js'
import { checkerOf } from './checks.js'
import { carryOut } from './instant.js'
import { Engine } from './engine.js'
import { Follower, type Surroundings } from './follower.js'
import { waitForJobs } from './job-waiting.js'
import { idsOf, listRecords, readStatus, readTopology, showRecords } from './looking.js'
import { makerOf } from './making.js'
import { mayDo } from './may.js'
import type { Parts } from './parts.js'
import { allKnown, Logins } from './people/logins.js'
import { recordRefusal } from './people/refusals.js'
import { carriesPassword } from './people/seal.js'
import { identify, permit, type Caller } from './principal.js'
import { reconcile, reconcileForLooking } from './reconcile.js'
import { reportOf } from './report.js'
import { loadItems, loadVisibleRun } from './run-records.js'
import { ServerDirectory } from './server-directory.js'
import { Stir } from './stir.js'
import { submitRun, type Submitted } from './submit.js'
import { suggestNames } from './suggest.js'
import { recordRetry, reopenRun } from './take-up.js'
import { resolveTargets } from './targets.js'
import { permitUndo, planUndo, recordUndo } from './undo.js'
import { giveUp, look, waitReport, type Watched } from './waiting.js'

/** How the clock is moved beyond waiting, and looked at by who only looks on: only a simulated farm can. */
export interface ClockControl extends Surroundings {
  reading(): Promise<{ rate: number; farmNow: number }>
  setRate(rate: number): Promise<void>
}

/** The Manager in this process, over a store, the masters of its pools and a clock. */
export class EmbeddedManager implements Manager {
  private readonly engine: Engine
  private readonly follower: Follower
  private readonly drivers = new Map<string, RunDriver>()
  private readonly interrupts = new Map<string, AbortController>()
  /** runs that were begun or taken up here, until their report is asked for: for that one nobody has to look for news; and who began them (Logins.nameOf) */
  private readonly driven = new Map<string, string | null>()
  /** reports of dry runs and whose they are (Logins.nameOf), until they are asked for */
  private readonly dryReports = new Map<string, { of: string; report: Report }>()
  private dryRuns = 0
  /** who was found to be allowed to follow a run (Logins.nameOf), while it is followed */
  private readonly admitted = new Map<string, string>()
  private session: string | null = null

  private readonly parts: Parts

  constructor(parts: Omit<Parts, 'directory' | 'stir' | 'logins'>, private readonly clockControl: ClockControl | null, private readonly onClose: () => Promise<void> = async () => {}, logins: Parts['logins'] = new Logins()) {
    this.parts = { ...parts, directory: new ServerDirectory(parts.store), stir: new Stir(), logins }
    this.engine = new Engine(this.parts)
    this.follower = new Follower(this.parts, clockControl, () => this.catchUp())
  }

  async list(input: unknown): Promise<Page> {
    const request = validate(listRequestSchema, input)
    if (request.cursor === null && !request.follows) await this.refresh()
    const nowMs = await this.parts.clock.nowMs()
    return this.looking(request.principal, lookPermission(request.kind), (reader, caller) => listRecords(reader, caller, request, nowMs))
  }

  async show(input: unknown): Promise<RecordData[]> {
    const request = validate(showRequestSchema, input)
    await this.refresh()
    return this.looking(request.principal, lookPermission(request.kind), (reader, caller) => showRecords(reader, caller, request))
  }

  async check(input: unknown): Promise<HealthCheck[]> {
    const request = validate(checkRequestSchema, input)
    const checker = await checkerOf(request.kind)
    await this.refresh()
    const [ids, caller] = await this.looking(request.principal, lookPermission(request.kind), async (reader, who) => [await idsOf(reader, who, request), who] as const)
    return checker(this.parts, ids, caller)
  }

  async console(input: unknown): Promise<Console> {
    const request = validate(consoleRequestSchema, input)
    await this.refresh()
    const { consoleOf } = await import('./guests/console.js')
    return this.looking(request.principal, 'vm.look', (reader, caller) => consoleOf(reader, caller, request.name, request.password))
  }

  async serverNetwork(input: unknown): Promise<ServerNic[]> {
    const request = validate(namedServersSchema, input)
    await this.refresh()
    const ids = await this.looking(request.principal, 'farm.look', (reader, caller) => idsOf(reader, caller, { kind: 'server', names: request.names }))
    return (await import('./servers/network.js')).networkOf(this.parts, ids)
  }

  async serverRepos(input: unknown): Promise<ServerRepo[]> {
    const request = validate(namedServersSchema, input)
    await this.refresh()
    const ids = await this.looking(request.principal, 'farm.look', (reader, caller) => idsOf(reader, caller, { kind: 'server', names: request.names }))
    return (await import('./servers/repos.js')).reposOf(this.parts, ids)
  }

  async agentLog(input: unknown): Promise<AgentLog> {
    const request = validate(agentLogSchema, input)
    await this.refresh()
    const { agentLogOf } = await import('./servers/agent-log.js')
    return this.looking(request.principal, 'farm.look', (reader, caller) => agentLogOf(reader, caller, request))
  }

  async whoAmI(input: unknown): Promise<Account> {
    const { principal } = validate(farmRequestSchema, input)
    return this.looking(principal, 'farm.look', async (_, caller) => ({ ...caller, farm: this.parts.farm, simulated: this.clockControl !== null }))
  }

  async mayI(input: unknown): Promise<Permitted> {
    const request = validate(mayRequestSchema, input)
    return this.asKnown(request.principal, () => this.parts.store.read(async reader => mayDo(reader, await identify(reader, request.principal), this.parts.farm, request)))
  }

  async suggest(input: unknown): Promise<string[]> {
    const request = validate(suggestRequestSchema, input)
    return this.looking(request.principal, lookPermission(request.kind === 'tag' ? 'vm' : request.kind), (reader, caller) => suggestNames(reader, caller, request))
  }

  async discover(input: unknown): Promise<Discovered[]> {
    const request = validate(discoverSchema, input)
    const caller = await this.looking(request.principal, `${request.kind}.register`, async (_, who) => who)
    await this.refresh()
    return (await import('./resources/register.js')).discover(this.parts, caller, request.kind, request.pool)
  }

  async farmStatus(input: unknown): Promise<FarmStatus> {
    const { principal, follows } = validate(farmRequestSchema, input)
    if (!follows) await this.refresh()
    const nowMs = await this.parts.clock.nowMs()
    return this.looking(principal, 'farm.look', (reader, caller) => readStatus(reader, caller, this.parts.farm, nowMs))
  }

  async farmTopology(input: unknown): Promise<FarmTopology> {
    const { principal } = validate(farmRequestSchema, input)
    await this.refresh()
    return this.looking(principal, 'farm.look', (reader, caller) => readTopology(reader, caller, this.parts.farm))
  }

  async startRun(input: unknown): Promise<RunHandle> {
    const request = validate(runRequestSchema, input)
    // Whoever may not is refused before anything at all is written.
    await this.looking(request.principal, request.operation, async () => {})
    await this.settle()
    return this.told(request.principal, async () => {
      const order = carriesPassword(request) ? await (await import('./people/seal.js')).sealed(this.parts.store, request) : request
      const handle = await (order.policy.dryRun ? this.dryRun(order) : this.realRun(order))
      // Whoever began it reads its report, even if the run gave him another password.
      if (this.driven.has(handle.run)) this.driven.set(handle.run, this.parts.logins.nameOf(request.principal))
      return handle
    })
  }

  async resumeRun(input: unknown): Promise<RunHandle> {
    const request = validate(resumeRunSchema, input)
    await this.looking(request.principal, 'records.look', async () => {})
    await this.settle()
    return this.told(request.principal, () => this.inSession(async session => {
      const nowMs = await this.parts.clock.nowMs()
      const { run, open } = await this.parts.store.transact(tx => reopenRun(tx, request, session, nowMs))
      if (!open) return { ...(await this.engine.progress(run.id)), state: 'finished' }
      return this.begin({ run: run.id, state: 'running', revision: run.revision + 1, total: run.total }, session, null)
    }))
  }

  async retryRun(input: unknown): Promise<RunHandle> {
    const request = validate(retryRunSchema, input)
    await this.looking(request.principal, 'records.look', async () => {})
    await this.settle()
    return this.told(request.principal, () => this.inSession(async session => {
      const nowMs = await this.parts.clock.nowMs()
      const submitted = await this.parts.store.transact(tx => recordRetry(tx, request, session, nowMs))
      return 'first' in submitted ? this.followFirst(submitted.first) : this.begin(submitted, session, submitted.queue)
    }))
  }

  async undoRun(input: unknown): Promise<RunHandle> {
    const request = validate(undoRunSchema, input)
    await this.looking(request.principal, 'records.look', (reader, caller) => permitUndo(reader, caller, request.run))
    await this.settle()
    if (!request.policy.dryRun) return this.undoNow(request)
    const { inverse } = await this.looking(request.principal, 'records.look', (reader, caller) => planUndo(reader, caller, request.run))
    return this.dryly(request.principal, inverse.operation, false, rehearsal => rehearsal.undoNow({ ...request, requestKey: `dry/${request.requestKey}`, confirmed: true, policy: { ...request.policy, dryRun: false, noWait: false } }))
  }

  private undoNow(request: UndoRequest): Promise<RunHandle> {
    return this.inSession(async session => {
      const nowMs = await this.parts.clock.nowMs()
      const submitted = await this.parts.store.transact(tx => recordUndo(tx, request, session, nowMs))
      return 'first' in submitted ? this.followFirst(submitted.first) : this.begin(submitted, session, submitted.queue)
    })
  }

  async followRun(input: unknown): Promise<RunProgress> {
    const request = validate(followRequestSchema, input)
    await this.admit(request.principal, request.run)
    if (this.dryReports.has(request.run)) return { run: request.run, farm: this.parts.farm, state: 'finished', revision: 1, total: 0, settled: 0 }
    let over = true
    try {
      const driver = this.drivers.get(request.run)
      if (driver) await this.engine.step(driver, this.session!, this.interruptOf(request.run).signal)
      const progress = driver ? await this.engine.progress(request.run) : await this.followOther(request.run)
      over = progress.state !== 'running'
      return progress
    } catch (error) {
      this.driven.delete(request.run)
      throw error
    } finally {
      if (over) await this.leave(request.run)
    }
  }

  /** Nobody here follows a run any more, or it failed: whoever is kept open for other commands keeps nothing of it, the clock least of all. */
  private async leave(run: string): Promise<void> {
    this.drivers.delete(run)
    this.interrupts.delete(run)
    this.admitted.delete(run)
    if (this.drivers.size === 0) await this.endSession()
  }

  /** Follows a run that somebody else drives, one step; when nothing due can move it any more it is over for whoever follows. */
  private async followOther(run: string): Promise<RunProgress> {
    const before = await this.engine.progress(run)
    if (before.state !== 'running') return before
    const moment = await this.inSession(session => this.engine.wait(session, null, [], this.interruptOf(run).signal))
    await reconcile(this.parts, false)
    const after = await this.engine.progress(run)
    const { aborted } = this.interruptOf(run).signal
    const over = after.state !== 'running' || (moment.idle && after.revision === before.revision) || aborted
    // Who only follows and is interrupted leaves; the run goes on with whoever drives it.
    return over ? { ...after, state: aborted && after.state === 'running' ? 'interrupted' : 'finished' } : after
  }

  async runReport(input: unknown): Promise<Report> {
    const request = validate(reportRequestSchema, input)
    const dry = this.dryReports.get(request.run)
    if (dry) {
      await this.admit(request.principal, request.run)
      this.dryReports.delete(request.run)
      return dry.report
    }
    const known = this.driven.get(request.run) === this.parts.logins.nameOf(request.principal)
    if (!this.driven.delete(request.run) && !request.follows) await this.refresh()
    const nowMs = await this.parts.clock.nowMs()
    const work = async (reader: Reader, caller: Caller) => {
      const run = await loadVisibleRun(reader, caller, request.run)
      return reportOf(this.parts.farm, run, await loadItems(reader, 'i.run = ?', [run.id]), nowMs)
    }
    return known ? this.asCaller(request.principal, 'records.look', work) : this.looking(request.principal, 'records.look', work)
  }

  async interruptRun(input: unknown): Promise<void> {
    const { principal, run } = validate(reportRequestSchema, input)
    await this.admit(principal, run)
    this.interruptOf(run).abort()
  }

  async waitForVms(input: unknown): Promise<Report> {
    const request = validate(waitRequestSchema, input)
    const startedAtMs = await this.parts.clock.nowMs()
    const targets = await this.looking(request.principal, 'vm.look', (reader, caller) => resolveTargets(reader, caller, 'vm', request.selector))
    const watched = targets.map((target): Watched => ({ target, first: target.state as VmState, state: target.state as VmState, endedAtMs: null, error: null }))
    const until = request.timeoutMs === null ? null : startedAtMs + request.timeoutMs
    let nowMs = startedAtMs
    await this.parts.store.read(reader => look(reader, watched, request, nowMs))
    if (watched.some(one => one.endedAtMs === null)) {
      await this.inSession(async session => {
        await this.settle()
        for (;;) {
          await this.parts.store.read(reader => look(reader, watched, request, nowMs))
          if (watched.every(one => one.endedAtMs !== null)) break
          if (until !== null && nowMs >= until) { giveUp(watched, nowMs, 'run.deadline', request.for); break }
          const moment = await this.engine.wait(session, until)
          nowMs = moment.nowMs
          if (moment.idle && until === null) {
            await this.parts.store.read(reader => look(reader, watched, request, nowMs))
            giveUp(watched, nowMs, 'wait.endless', request.for)
            break
          }
        }
      })
      await this.endSession()
    }
    return waitReport(this.parts.farm, request.principal.user, startedAtMs, nowMs, watched)
  }

  async waitForJobs(input: unknown): Promise<JobsWaited> {
    const request = validate(jobWaitSchema, input)
    await this.looking(request.principal, 'records.look', async () => {})
    await this.settle()
    const waited = await this.inSession(session => waitForJobs(this.parts, work => this.looking(request.principal, 'records.look', work), request.jobs, request.timeoutMs, untilMs => this.engine.wait(session, untilMs)))
    await this.endSession()
    return waited
  }

  async abortJobs(input: unknown): Promise<JobsWaited> {
    const request = validate(abortSchema, input)
    await this.looking(request.principal, 'records.look', (reader, caller) => abortable(reader, caller, request.jobs))
    await this.settle()
    const { late, waited } = await this.inSession(async session => ({
      ...(await abort(this.parts, request)),
      waited: await waitForJobs(this.parts, work => this.looking(request.principal, 'records.look', work), request.jobs, request.timeoutMs, untilMs => this.engine.wait(session, untilMs)),
    }))
    await this.endSession()
    if (waited.gaveUp || late.length === 0) return waited
    return { ...waited, gaveUp: { code: 'job.ended', message: `${namesOf(late)} ${late.length === 1 ? 'was' : 'were'} too far on to be undone, and ended`, hint: 'job show tells how', details: { jobs: late } } }
  }

  async awaitChange(input: unknown): Promise<ChangeNotice> {
    const request = validate(changeRequestSchema, input)
    return this.follower.awaitChange(request.afterRevision, request.waitMs, () => this.looking(request.principal, 'farm.look', async () => {}))
  }

  /** The same for the manager's own sake, asked for by nobody: so that a clock with a rate goes on and what falls due is recorded, though nobody looks. */
  attend(afterRevision: string | null, waitMs: number): Promise<ChangeNotice> {
    return this.follower.awaitChange(afterRevision, waitMs, async () => {})
  }

  /** Whether a run is driven here, by whoever calls followRun. */
  drives(run: string): boolean {
    return this.drivers.has(run)
  }

  /** Lets go of the clock between two calls of one who only follows: nobody knows whether there will be another. */
  async rest(): Promise<void> {
    if (this.drivers.size === 0) await this.endSession()
  }

  async stopAwaiting(input: unknown): Promise<void> {
    validate(farmRequestSchema, input)
    await this.follower.stop()
  }

  async moveClock(input: unknown): Promise<ClockReading> {
    const request = validate(clockRequestSchema, input)
    await this.looking(request.principal, 'farm.look', async () => {})
    if (!this.clockControl) throw new Refusal('usage.argument', 'only the clock of a simulated farm can be moved')
    let processed = 0
    if (request.rate !== null) {
      await this.catchUp()
      await this.clockControl.setRate(request.rate)
    } else if (request.advanceMs !== null) processed = await this.advanceTo(withinYears((await this.parts.clock.nowMs()) + request.advanceMs))
    else await this.catchUp()
    const { rate, farmNow } = await this.clockControl.reading()
    return { now: formatTime(farmNow), mode: rate > 0 ? 'rate' : 'standing', rate, processed }
  }

  async close(): Promise<void> {
    await this.follower.stop()
    await this.endSession()
    await this.parts.store.close()
    await this.onClose()
  }

  /** Before something is to be changed: the records are brought up to date, the clock catches up. */
  private async settle(): Promise<void> {
    await reconcile(this.parts, true)
    await this.catchUp()
  }

  private async realRun(request: RunRequest): Promise<RunHandle> {
    return this.inSession(async session => {
      const nowMs = await this.parts.clock.nowMs()
      const maker = await makerOf(request.operation)
      const told = await maker?.ask?.(this.parts, request)
      const submitted = await this.parts.store.transact(tx => submitRun(tx, request, maker, session, nowMs, told))
      return 'first' in submitted ? this.followFirst(submitted.first) : this.begin(submitted, session, submitted.queue)
    })
  }

  /** Sets a recorded run going: it is driven by whoever follows it, or handed over. */
  private async begin(submitted: Omit<Submitted, 'queue' | 'farm'>, session: string, queue: Submitted['queue'] | null): Promise<RunHandle> {
    const handle: RunHandle = { run: submitted.run, farm: this.parts.farm, state: 'running', revision: submitted.revision, total: submitted.total }
    this.driven.set(handle.run, null)
    // Who takes it up again was not interrupted.
    this.interrupts.delete(handle.run)
    const driver = await RunDriver.open(this.parts, handle.run, session, queue)
    if (isInstant(driver.run.operation)) {
      await carryOut(this.parts, driver.run)
      await driver.finish('finished')
    } else if (driver.run.detached) await this.engine.driveOn(driver)
    else {
      this.drivers.set(handle.run, driver)
      return handle
    }
    await this.endSession()
    return { ...handle, state: 'finished' }
  }

  /** The same request came before: its run's report is the answer, and nothing is done again. */
  private async followFirst(first: Omit<RunHandle, 'farm'>): Promise<RunHandle> {
    await this.endSession()
    return { ...first, farm: this.parts.farm }
  }

  /** Runs the request on a fork of the store, with agents that always succeed; nothing of it reaches the farm. */
  private dryRun(request: RunRequest): Promise<RunHandle> {
    const real = { ...request, requestKey: `dry/${request.requestKey}`, policy: { ...request.policy, dryRun: false, noWait: false }, guards: { ...request.guards, confirmed: true } }
    return this.dryly(request.principal, request.operation, request.options.force, rehearsal => rehearsal.realRun(real))
  }

  /** Begins something on a fork of the store, with agents that always succeed, and sees it through there. */
  private async dryly(principal: Principal, operation: RunOperation, force: boolean, begin: (rehearsal: EmbeddedManager) => Promise<RunHandle>): Promise<RunHandle> {
    const fork = await this.parts.store.fork()
    try {
      const expectations = new Expectations()
      const assumed = new Assumption(this.parts.masters, await this.parts.clock.nowMs(), expectations)
      await fork.read(async reader => {
        await expectations.learn(reader, operation, force)
        await expectations.learn(reader, 'vm.migrate', false)
        await assumed.assumeUnderWay(reader)
      })
      const rehearsal = new EmbeddedManager({ farm: this.parts.farm, store: fork, masters: assumed, clock: assumed }, null, undefined, allKnown)
      let handle: RunHandle = await begin(rehearsal)
      while (handle.state === 'running') handle = await rehearsal.followRun({ principal, run: handle.run, afterRevision: handle.revision })
      const report = await rehearsal.runReport({ principal, run: handle.run })
      const id = `dry-${++this.dryRuns}`
      this.dryReports.set(id, { of: this.parts.logins.nameOf(principal), report: asDry(report) })
      return { run: id, farm: this.parts.farm, state: 'finished', revision: 1, total: report.total }
    } finally {
      await fork.close()
    }
  }

  private async advanceTo(untilMs: number): Promise<number> {
    let processed = 0
    await this.inSession(async session => {
      await reconcile(this.parts, true)
      for (;;) {
        const moment = await this.engine.wait(session, untilMs)
        processed += moment.serverIds.length
        if (moment.nowMs >= untilMs && moment.serverIds.length === 0) break
      }
    })
    await this.endSession()
    return processed
  }

  /** Lets a clock that follows the wall clock catch up before anything is read; a standing clock costs nothing. */
  private async catchUp(): Promise<void> {
    if (!this.clockControl) return
    const { rate, farmNow } = await this.clockControl.reading()
    if (rate > 0) await this.advanceTo(farmNow)
  }

  /** Before something is looked at: what rings is answered, what dead commands left is settled; mostly nothing. */
  private async refresh(): Promise<void> {
    await reconcileForLooking(this.parts)
    await this.catchUp()
  }

  private looking<T>(principal: Principal, permission: Permission, work: (reader: Reader, caller: Caller) => Promise<T>): Promise<T> {
    return this.asKnown(principal, () => this.asCaller(principal, permission, work))
  }

  private asCaller<T>(principal: Principal, permission: Permission, work: (reader: Reader, caller: Caller) => Promise<T>): Promise<T> {
    return this.parts.store.read(async reader => {
      const caller = await identify(reader, principal)
      permit(caller, permission)
      return work(reader, caller)
    })
  }

  /** Work for somebody who has shown his password, if he has one. */
  private asKnown<T>(principal: Principal, work: () => Promise<T>): Promise<T> {
    return this.told(principal, async () => {
      await this.parts.logins.check(this.parts.store, principal)
      return work()
    })
  }

  /** Work of which a refusal of who somebody is, or what he may do, leaves an event. */
  private async told<T>(principal: Principal, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof Refusal) await recordRefusal(this.parts.store, await this.parts.clock.nowMs(), principal, error)
      throw error
    }
  }

  /** Lets pass who may see a run; looked up once while it is followed. A dry run is its user's alone. @throws Refusal not-found.run */
  private async admit(principal: Principal, run: string): Promise<void> {
    if ((this.dryReports.get(run)?.of ?? this.admitted.get(run)) === this.parts.logins.nameOf(principal)) return
    await this.looking(principal, 'records.look', (reader, caller) => loadVisibleRun(reader, caller, run))
    this.admitted.set(run, this.parts.logins.nameOf(principal))
  }

  private interruptOf(run: string): AbortController {
    let controller = this.interrupts.get(run)
    if (!controller) this.interrupts.set(run, (controller = new AbortController()))
    return controller
  }

  /** Work that holds the clock; when it fails the clock is let go. What it began may need it longer: endSession ends it. */
  private async inSession<T>(work: (session: string) => Promise<T>): Promise<T> {
    this.session ??= await this.parts.clock.openSession()
    try {
      return await work(this.session)
    } catch (error) {
      await this.endSession()
      throw error
    }
  }

  private async endSession(): Promise<void> {
    const { session } = this
    if (session === null) return
    await this.engine.release(session)
    this.session = null
    await this.parts.clock.closeSession(session)
  }
}

function asDry(report: Report): Report {
  // Of a run there is none that could be retried, resumed or shown.
  const errorOf = ({ error }: ReportItem) => (error?.code.startsWith('run.') ? { ...error, hint: null } : error)
  const items = report.items.map(item => ({ ...item, error: errorOf(item), result: item.result === 'done' ? ('would-do' as const) : item.result === 'failed' ? ('would-fail' as const) : item.result, job: null, startedAt: null, seconds: null }))
  return { ...report, run: null, wouldDo: report.done, wouldFail: report.failed, done: 0, failed: 0, items }
}

/** A time that the clock may go to. @throws Refusal usage.argument */
function withinYears(timeMs: number): number {
  if (timeMs <= lastClockMs) return timeMs
  throw new Refusal('usage.argument', `the clock goes no further than ${formatTime(lastClockMs)}`, 'sim clock shows where it is')
}
