import { dryRun } from '../contract/dry-runs.js'
import type { ChangeNotice, ClockReading, JobsWaited, Manager, Report, RunHandle, RunProgress } from '../contract/manager.js'
import {
  abortSchema, changeRequestSchema, clockRequestSchema, farmRequestSchema, followRequestSchema, jobWaitSchema, reportRequestSchema, resumeRunSchema, retryRunSchema, runRequestSchema, undoRunSchema, validate, waitRequestSchema,
  type Principal, type RunRequest, type UndoRequest,
} from '../contract/requests.js'
import type { Moment } from '../host/ports.js'
import { Refusal } from '../model/errors.js'
import { lastClockMs } from '../model/moments.js'
import { namesOf } from '../model/names.js'
import { isInstant, type RunOperation } from '../model/operations.js'
import { formatTime } from '../model/units.js'
import type { Reader } from '../store/store.js'
import { abort, abortable } from './abort.js'
import { Callers } from './callers.js'
import { RunDriver } from './drive.js'
import { Engine } from './engine.js'
import { Follower, type Surroundings } from './follower.js'
import { carryOut } from './instant.js'
import { waitForJobs } from './job-waiting.js'
import { Looks } from './looks.js'
import { makerOf } from './making.js'
import type { Parts } from './parts.js'
import { allKnown, Logins } from './people/logins.js'
import { carriesPassword } from './people/seal.js'
import type { Caller } from './principal.js'
import { reconcile, reconcileForLooking } from './reconcile.js'
import { reportOf } from './report.js'
import { loadItems, loadVisibleRun } from './run-records.js'
import { ServerDirectory } from './server-directory.js'
import { Stir } from './stir.js'
import { submitRun, type Submitted } from './submit.js'
import { recordRetry, reopenRun } from './take-up.js'
import { resolveTargets } from './targets.js'
import { permitUndo, planUndo, recordUndo } from './undo.js'
import { GuestWait } from './waiting.js'

/** How the clock is moved beyond waiting, and looked at by who only looks on: only a simulated farm can. */
export interface ClockControl extends Surroundings {
  reading(): Promise<{ rate: number; farmNow: number }>
  setRate(rate: number): Promise<void>
}

/** The Manager in this process, over a store, the masters of its pools and a clock. */
export class EmbeddedManager implements Manager {
  private readonly engine: Engine
  private readonly follower: Follower
  private readonly callers: Callers
  private readonly looks: Looks
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
  private waits = new AbortController()
  private readonly parts: Parts

  constructor(parts: Omit<Parts, 'directory' | 'stir' | 'logins'>, private readonly clockControl: ClockControl | null, private readonly onClose: () => Promise<void> = async () => {}, logins: Parts['logins'] = new Logins()) {
    this.parts = { ...parts, directory: new ServerDirectory(parts.store), stir: new Stir(), logins }
    this.engine = new Engine(this.parts)
    this.callers = new Callers(this.parts)
    this.looks = new Looks(this.parts, this.callers, clockControl !== null, () => this.refresh())
    this.follower = new Follower(this.parts, clockControl, () => this.catchUp())
  }

  readonly list = (input: unknown) => this.looks.list(input)
  readonly show = (input: unknown) => this.looks.show(input)
  readonly check = (input: unknown) => this.looks.check(input)
  readonly console = (input: unknown) => this.looks.console(input)
  readonly serverNetwork = (input: unknown) => this.looks.serverNetwork(input)
  readonly serverRepos = (input: unknown) => this.looks.serverRepos(input)
  readonly agentLog = (input: unknown) => this.looks.agentLog(input)
  readonly whoAmI = (input: unknown) => this.looks.whoAmI(input)
  readonly mayI = (input: unknown) => this.looks.mayI(input)
  readonly suggest = (input: unknown) => this.looks.suggest(input)
  readonly discover = (input: unknown) => this.looks.discover(input)
  readonly farmStatus = (input: unknown) => this.looks.farmStatus(input)
  readonly farmTopology = (input: unknown) => this.looks.farmTopology(input)

  async startRun(input: unknown): Promise<RunHandle> {
    const request = validate(runRequestSchema, input)
    // Whoever may not is refused before anything at all is written.
    await this.callers.looking(request.principal, request.operation, async () => {})
    await this.settle()
    return this.callers.told(request.principal, async () => {
      const order = carriesPassword(request) ? await (await import('./people/seal.js')).sealed(this.parts.store, request) : request
      const handle = await (order.policy.dryRun ? this.dryRun(order) : this.realRun(order))
      // Whoever began it reads its report, even if the run gave him another password.
      if (this.driven.has(handle.run)) this.driven.set(handle.run, this.callers.nameOf(request.principal))
      return handle
    })
  }

  async resumeRun(input: unknown): Promise<RunHandle> {
    const request = validate(resumeRunSchema, input)
    await this.callers.looking(request.principal, 'records.look', async () => {})
    await this.settle()
    return this.callers.told(request.principal, () => this.inSession(async session => {
      const nowMs = await this.parts.clock.nowMs()
      const { run, open } = await this.parts.store.transact(tx => reopenRun(tx, request, session, nowMs))
      if (!open) return { ...(await this.engine.progress(run.id)), state: 'finished' }
      return this.begin({ run: run.id, state: 'running', revision: run.revision + 1, total: run.total }, session, null)
    }))
  }

  async retryRun(input: unknown): Promise<RunHandle> {
    const request = validate(retryRunSchema, input)
    await this.callers.looking(request.principal, 'records.look', async () => {})
    await this.settle()
    return this.callers.told(request.principal, () => this.inSession(async session => {
      const nowMs = await this.parts.clock.nowMs()
      const submitted = await this.parts.store.transact(tx => recordRetry(tx, request, session, nowMs))
      return 'first' in submitted ? this.followFirst(submitted.first) : this.begin(submitted, session, submitted.queue)
    }))
  }

  async undoRun(input: unknown): Promise<RunHandle> {
    const request = validate(undoRunSchema, input)
    await this.callers.looking(request.principal, 'records.look', (reader, caller) => permitUndo(reader, caller, request.run))
    await this.settle()
    if (!request.policy.dryRun) return this.undoNow(request)
    const { inverse } = await this.callers.looking(request.principal, 'records.look', (reader, caller) => planUndo(reader, caller, request.run))
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
    const known = this.driven.get(request.run) === this.callers.nameOf(request.principal)
    if (!this.driven.delete(request.run) && !request.follows) await this.refresh()
    const nowMs = await this.parts.clock.nowMs()
    const work = async (reader: Reader, caller: Caller) => {
      const run = await loadVisibleRun(reader, caller, request.run)
      return reportOf(this.parts.farm, run, await loadItems(reader, 'i.run = ?', [run.id]), nowMs)
    }
    return known ? this.callers.asCaller(request.principal, 'records.look', work) : this.callers.looking(request.principal, 'records.look', work)
  }

  async interruptRun(input: unknown): Promise<void> {
    const { principal, run } = validate(reportRequestSchema, input)
    await this.admit(principal, run)
    this.interruptOf(run).abort()
  }

  async waitForVms(input: unknown): Promise<Report> {
    const request = validate(waitRequestSchema, input)
    const pass = this.passing()
    const targets = await this.callers.looking(request.principal, 'vm.look', (reader, caller) => resolveTargets(reader, caller, 'vm', request.selector))
    await this.catchUp()
    const waiting = new GuestWait(this.parts.store, targets, request, await this.parts.clock.nowMs())
    if (!(await waiting.isOver())) {
      // Before the session, which catching up would end.
      await this.settle()
      await this.inSession(session => waiting.through(untilMs => pass(session, untilMs)))
      await this.endSession()
    }
    return waiting.report(this.parts.farm, request.principal.user)
  }

  async waitForJobs(input: unknown): Promise<JobsWaited> {
    const request = validate(jobWaitSchema, input)
    const pass = this.passing()
    await this.callers.looking(request.principal, 'records.look', async () => {})
    await this.settle()
    const waited = await this.inSession(session => waitForJobs(this.parts, work => this.callers.looking(request.principal, 'records.look', work), request.jobs, request.timeoutMs, untilMs => pass(session, untilMs)))
    await this.endSession()
    return waited
  }

  async abortJobs(input: unknown): Promise<JobsWaited> {
    const request = validate(abortSchema, input)
    const pass = this.passing()
    await this.callers.looking(request.principal, 'records.look', (reader, caller) => abortable(reader, caller, request.jobs))
    await this.settle()
    const { late, waited } = await this.inSession(async session => ({
      ...(await abort(this.parts, request)),
      waited: await waitForJobs(this.parts, work => this.callers.looking(request.principal, 'records.look', work), request.jobs, request.timeoutMs, untilMs => pass(session, untilMs)),
    }))
    await this.endSession()
    if (waited.gaveUp || late.length === 0) return waited
    return { ...waited, gaveUp: { code: 'job.ended', message: `${namesOf(late)} ${late.length === 1 ? 'was' : 'were'} too far on to be undone, and ended`, hint: 'job show tells how', details: { jobs: late } } }
  }

  async awaitChange(input: unknown): Promise<ChangeNotice> {
    const request = validate(changeRequestSchema, input)
    return this.follower.awaitChange(request.afterRevision, request.waitMs, () => this.callers.looking(request.principal, 'farm.look', async () => {}))
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

  /** Ends the waits for guests, jobs and the clock that are under way, with a refusal: who asked for them is gone, or the manager is to end. */
  stopWaiting(why: Refusal): void {
    this.waits.abort(why)
    this.waits = new AbortController()
  }

  /** How a wait passes time, to the next event or until a time; that ends when waits are stopped. */
  private passing(): (session: string, untilMs: number | null) => Promise<Moment> {
    const { signal } = this.waits
    return async (session, untilMs) => {
      signal.throwIfAborted()
      const moment = await this.engine.wait(session, untilMs, [], signal)
      signal.throwIfAborted()
      return moment
    }
  }

  async stopAwaiting(input: unknown): Promise<void> {
    validate(farmRequestSchema, input)
    await this.follower.stop()
  }

  async moveClock(input: unknown): Promise<ClockReading> {
    const request = validate(clockRequestSchema, input)
    await this.callers.looking(request.principal, 'farm.look', async () => {})
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
    return { ...first, farm: this.parts.farm, joined: true }
  }

  /** Runs the request on a fork of the store, with agents that always succeed; nothing of it reaches the farm. */
  private dryRun(request: RunRequest): Promise<RunHandle> {
    const real = { ...request, requestKey: `dry/${request.requestKey}`, policy: { ...request.policy, dryRun: false, noWait: false }, guards: { ...request.guards, confirmed: true } }
    return this.dryly(request.principal, request.operation, request.options.force, rehearsal => rehearsal.realRun(real))
  }

  /** Begins something on a fork of the store, and keeps its report until it is asked for. */
  private async dryly(principal: Principal, operation: RunOperation, force: boolean, begin: (rehearsal: EmbeddedManager) => Promise<RunHandle>): Promise<RunHandle> {
    const { rehearsed } = await import('./dry-run.js')
    const report = await rehearsed(this.parts, principal, operation, force, assumed => new EmbeddedManager(assumed, null, undefined, allKnown), begin)
    const id = dryRun(++this.dryRuns)
    this.dryReports.set(id, { of: this.callers.nameOf(principal), report })
    return { run: id, farm: this.parts.farm, state: 'finished', revision: 1, total: report.total }
  }

  private async advanceTo(untilMs: number): Promise<number> {
    const pass = this.passing()
    let processed = 0
    await this.inSession(async session => {
      await reconcile(this.parts, true)
      for (;;) {
        const moment = await pass(session, untilMs)
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

  /** Lets pass who may see a run; looked up once while it is followed. A dry run is its user's alone. @throws Refusal not-found.run */
  private async admit(principal: Principal, run: string): Promise<void> {
    if ((this.dryReports.get(run)?.of ?? this.admitted.get(run)) === this.callers.nameOf(principal)) return
    await this.callers.looking(principal, 'records.look', (reader, caller) => loadVisibleRun(reader, caller, run))
    this.admitted.set(run, this.callers.nameOf(principal))
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
    // Where nothing can be written just now it stays, and holds the clock, until this is tried again.
    await this.parts.clock.closeSession(session)
    this.session = null
  }
}

/** A time that the clock may go to. @throws Refusal usage.argument */
function withinYears(timeMs: number): number {
  if (timeMs <= lastClockMs) return timeMs
  throw new Refusal('usage.argument', `the clock goes no further than ${formatTime(lastClockMs)}`, 'sim clock shows where it is')
}
