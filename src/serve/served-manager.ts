import { dryRun, isDryRun } from '../contract/dry-runs.js'
import type { ChangeNotice, Manager, Report, RunHandle, RunProgress } from '../contract/manager.js'
import type { ChangeRequest, FarmRequest, FollowRequest, Principal, ReportRequest, ResumeRequest, RetryRequest, RunRequest, UndoRequest } from '../contract/requests.js'
import type { EmbeddedManager } from '../manager/manager.js'
import { Refusal } from '../model/errors.js'
import { beingStopped } from '../wsapi/being-stopped.js'
import { UnderWay } from '../wsapi/under-way.js'
import { Turns } from './turns.js'

/** How long who follows a run waits for it to move on before he is told how far it is, in milliseconds. */
const followMs = 300
/** How many managers are kept for the next call. */
const mostIdle = 8
/** How many reports of dry runs wait to be asked for. */
const mostDryReports = 500
/** How long who follows a run is told why it is driven no more, in milliseconds. */
const failureMs = 60_000
/** How often it tries to let go of the clock where that cannot be written, in milliseconds. */
const lettingGoMs = 1_000

/** How long calls that are under way may take when the manager is stopped, in milliseconds: less than the 90 s that systemd waits. */
export const drainMs = 30_000

/** A run that is driven here, whoever follows it. */
interface Driven { lane: EmbeddedManager; principal: Principal; progress: RunProgress; moved: Promise<void>; ended: Promise<void>; failure: { error: unknown } | null; visible: Set<string> }

/**
 * The manager of many callers at once. Every call has an EmbeddedManager of its own over the same stores, as every command on an
 * embedded farm has: what holds between commands holds between calls. A run is driven here to its end, whether or not its caller
 * comes back for more.
 */
export class ServedManager implements Manager {
  private readonly idle: EmbeddedManager[] = []
  private readonly driven = new Map<string, Driven>()
  /** runs that could not be driven on, for a while: who follows them would wait for nobody */
  private readonly failed = new Map<string, Driven>()
  /** who asked to leave a run that somebody else drives: `user run` */
  private readonly leaving = new Set<string>()
  private readonly dryReports = new Map<string, { user: string; report: Report }>()
  private dryRuns = 0
  private readonly turns = new Turns()
  private readonly awaiting = new Set<EmbeddedManager>()
  /** lanes that could not let go of the clock: nothing can be written, as on a full disk. They would hold it for as long as this process lives. */
  private readonly stuck = new Set<EmbeddedManager>()
  private freeing: NodeJS.Timeout | null = null
  private readonly stopped = new AbortController()
  /** calls that wait for the farm, by their requests, and what they are told when the manager is stopped */
  private readonly waiting = new Map<object, { lane: EmbeddedManager; stopped: () => Refusal }>()
  /** calls that have a lane, each until it has given that back */
  private readonly underWay = new UnderWay()
  private attending: Promise<void> = Promise.resolve()

  /** @param onPasswordChange told of who gave somebody a password: if it was himself, his login has just ended */
  constructor(private readonly makeLane: () => EmbeddedManager, private readonly onTrouble: (what: string, error: unknown) => void, private readonly onPasswordChange: (principal: Principal) => void = () => {}) {}

  /** How many runs are driven now. */
  get drivenRuns(): number {
    return this.driven.size
  }

  readonly list: Manager['list'] = request => this.inLane(lane => lane.list(named(request)))
  readonly show: Manager['show'] = request => this.inLane(lane => lane.show(named(request)))
  readonly check: Manager['check'] = request => this.inLane(lane => lane.check(named(request)))
  readonly console: Manager['console'] = request => this.inLane(lane => lane.console(named(request)))
  readonly serverNetwork: Manager['serverNetwork'] = request => this.inLane(lane => lane.serverNetwork(named(request)))
  readonly serverRepos: Manager['serverRepos'] = request => this.inLane(lane => lane.serverRepos(named(request)))
  readonly agentLog: Manager['agentLog'] = request => this.inLane(lane => lane.agentLog(named(request)))
  readonly discover: Manager['discover'] = request => this.inLane(lane => lane.discover(named(request)))
  readonly whoAmI: Manager['whoAmI'] = request => this.inLane(lane => lane.whoAmI(named(request)))
  readonly mayI: Manager['mayI'] = request => this.inLane(lane => lane.mayI(named(request)))
  readonly suggest: Manager['suggest'] = request => this.inLane(lane => lane.suggest(named(request)))
  readonly farmStatus: Manager['farmStatus'] = request => this.inLane(lane => lane.farmStatus(named(request)))
  readonly farmTopology: Manager['farmTopology'] = request => this.inLane(lane => lane.farmTopology(named(request)))
  readonly waitForVms: Manager['waitForVms'] = request => this.waits(request, lane => lane.waitForVms(named(request)))
  readonly waitForJobs: Manager['waitForJobs'] = request => this.waits(request, lane => lane.waitForJobs(named(request)))
  // What these change is changed before they wait, or while they do.
  readonly abortJobs: Manager['abortJobs'] = request => this.waits(request, lane => lane.abortJobs(named(request)), cutOff)
  readonly moveClock: Manager['moveClock'] = request => this.waits(request, lane => lane.moveClock(named(request)), cutOff)

  async startRun(request: RunRequest): Promise<RunHandle> {
    const handle = await this.begin(request.principal, lane => lane.startRun(named(request)))
    if (request.operation === 'user.password') this.onPasswordChange(request.principal)
    return handle
  }

  resumeRun(request: ResumeRequest): Promise<RunHandle> {
    return this.begin(request.principal, lane => lane.resumeRun(named(request)))
  }

  retryRun(request: RetryRequest): Promise<RunHandle> {
    return this.begin(request.principal, lane => lane.retryRun(named(request)))
  }

  undoRun(request: UndoRequest): Promise<RunHandle> {
    return this.begin(request.principal, lane => lane.undoRun(named(request)))
  }

  async followRun(request: FollowRequest): Promise<RunProgress> {
    const dry = this.dryReports.get(request.run)
    if (dry?.user === request.principal.user) return { run: request.run, farm: dry.report.farm, state: 'finished', revision: 1, total: 0, settled: 0 }
    const driven = this.driven.get(request.run) ?? this.failed.get(request.run)
    if (!driven) return this.followOther(request)
    await this.mustSee(driven, request)
    if (driven.progress.state === 'running' && driven.progress.revision <= request.afterRevision) await within(followMs, driven.moved)
    if (driven.failure) throw driven.failure.error
    return driven.progress
  }

  async runReport(request: ReportRequest): Promise<Report> {
    const dry = this.dryReports.get(request.run)
    if (dry?.user === request.principal.user) {
      this.dryReports.delete(request.run)
      return dry.report
    }
    return this.inLane(lane => lane.runReport(named(request)))
  }

  async interruptRun(request: ReportRequest): Promise<void> {
    // Nobody here waits for him.
    if (request.follows) return
    const driven = this.driven.get(request.run)
    if (driven) return driven.lane.interruptRun(named(request))
    // Who only follows leaves; the run goes on with whoever drives it.
    await this.inLane(lane => lane.interruptRun(named(request)))
    this.leaving.add(`${request.principal.user} ${request.run}`)
  }

  awaitChange(request: ChangeRequest): Promise<ChangeNotice> {
    return this.underWay.during(async () => {
      const lane = this.take()
      this.awaiting.add(lane)
      try {
        return await lane.awaitChange(named(request))
      } finally {
        this.awaiting.delete(lane)
        await this.give(lane)
      }
    })
  }

  async stopAwaiting(request: FarmRequest): Promise<void> {
    await Promise.all([...this.awaiting].map(lane => lane.stopAwaiting(named(request))))
  }

  /** Ends a wait for guests or jobs that nobody waits for any more. @param request the one that it was asked with */
  abandon(request: object): void {
    this.waiting.get(request)?.lane.stopWaiting(new Refusal('manager.no-answer', 'nobody waits for it any more'))
  }

  /** Sees to the farm while nobody looks: a clock with a rate goes on, what falls due is recorded. */
  attend(): void {
    this.attending = this.seeTo()
  }

  /** Interrupts the runs that are driven, so that `run resume` takes them up, and resolves when that is recorded and no call is under way, or those that are take too long. */
  async close(): Promise<void> {
    this.stopped.abort()
    const endsAt = performance.now() + drainMs
    // A call that is under way may begin a run, or a wait.
    do {
      for (const { lane, stopped } of this.waiting.values()) lane.stopWaiting(stopped())
      for (const lane of this.awaiting) await lane.stopAwaiting({ principal: { user: '' } })
      for (const [run, { lane, principal }] of this.driven) await lane.interruptRun({ principal, run }).catch((error: unknown) => this.onTrouble('run.interrupt', error))
      await Promise.all([...this.driven.values()].map(driven => driven.ended))
      if (this.underWay.size > 0) await within(endsAt - performance.now(), this.underWay.one())
    } while (this.driven.size > 0 || (this.underWay.size > 0 && performance.now() < endsAt))
    await this.attending
    for (const lane of [...this.idle.splice(0), ...this.stuck]) await lane.close().catch((error: unknown) => this.onTrouble('lane.close', error))
  }

  private async seeTo(): Promise<void> {
    const lane = this.makeLane()
    this.awaiting.add(lane)
    let revision: string | null = null
    while (!this.stopped.signal.aborted) {
      try {
        revision = (await lane.attend(revision, 60_000)).revision
      } catch (error) {
        this.onTrouble('farm.attend', error)
        await within(1_000, new Promise(resolve => { this.stopped.signal.addEventListener('abort', resolve, { once: true }) }))
      }
    }
    this.awaiting.delete(lane)
    await lane.close()
  }

  /** Begins a run; from then on it is driven here. */
  private begin(principal: Principal, start: (lane: EmbeddedManager) => Promise<RunHandle>): Promise<RunHandle> {
    return this.underWay.during(async () => {
      const lane = await this.lane()
      let kept = false
      try {
        const handle = await start(lane)
        if (lane.drives(handle.run)) {
          kept = true
          this.drive(lane, { user: principal.user }, handle)
          return handle
        }
        return isDryRun(handle) ? await this.keepDry(lane, principal, handle) : handle
      } finally {
        if (!kept) await this.give(lane)
      }
    })
  }

  private drive(lane: EmbeddedManager, principal: Principal, handle: RunHandle): void {
    const driven: Driven = { lane, principal, progress: { ...handle, settled: 0 }, moved: Promise.resolve(), ended: Promise.resolve(), failure: null, visible: new Set([principal.user]) }
    let tell = () => {}
    const next = () => { driven.moved = new Promise(resolve => { tell = resolve }) }
    next()
    driven.ended = (async () => {
      try {
        while (driven.progress.state === 'running') {
          const progress = await lane.followRun({ principal, run: handle.run, afterRevision: driven.progress.revision })
          const moved = progress.revision > driven.progress.revision || progress.state !== 'running'
          driven.progress = progress
          if (moved) {
            const told = tell
            next()
            told()
          }
          // Other calls get their turn between two steps.
          await this.turns.next()
        }
      } catch (error) {
        driven.failure = { error }
        this.failed.set(handle.run, driven)
        setTimeout(() => { if (this.failed.get(handle.run) === driven) this.failed.delete(handle.run) }, failureMs).unref()
        this.onTrouble('run.drive', error)
      } finally {
        this.driven.delete(handle.run)
        tell()
        if (await this.rests(lane)) await lane.close()
      }
    })()
    this.failed.delete(handle.run)
    this.driven.set(handle.run, driven)
  }

  /** A dry run leaves nothing on the farm: its report waits here, under a name that no other lane gives. */
  private async keepDry(lane: EmbeddedManager, principal: Principal, handle: RunHandle): Promise<RunHandle> {
    const report = await lane.runReport({ principal: { user: principal.user }, run: handle.run })
    const run = dryRun(++this.dryRuns)
    if (this.dryReports.size >= mostDryReports) this.dryReports.delete(this.dryReports.keys().next().value!)
    this.dryReports.set(run, { user: principal.user, report })
    return { ...handle, run }
  }

  private async followOther(request: FollowRequest): Promise<RunProgress> {
    const progress = await this.inLane(lane => lane.followRun(named(request)))
    const left = this.leaving.delete(`${request.principal.user} ${request.run}`)
    return left && progress.state === 'running' ? { ...progress, state: 'interrupted' } : progress
  }

  /** Whoever did not begin a run has to be one who may see it. @throws Refusal not-found.run */
  private async mustSee(driven: Driven, { principal, run }: FollowRequest): Promise<void> {
    if (driven.visible.has(principal.user)) return
    await this.inLane(lane => lane.show({ principal: { user: principal.user }, kind: 'run', names: [run], columns: ['id'] }))
    driven.visible.add(principal.user)
  }

  private waits<T>(request: object, work: (lane: EmbeddedManager) => Promise<T>, stopped: () => Refusal = beingStopped): Promise<T> {
    return this.inLane(async lane => {
      this.waiting.set(request, { lane, stopped })
      try {
        return await work(lane)
      } finally {
        this.waiting.delete(request)
      }
    })
  }

  private inLane<T>(work: (lane: EmbeddedManager) => Promise<T>): Promise<T> {
    return this.underWay.during(async () => {
      const lane = await this.lane()
      try {
        return await work(lane)
      } finally {
        await this.give(lane)
      }
    })
  }

  /** A lane for a call that wants all that has ended to be over. */
  private async lane(): Promise<EmbeddedManager> {
    if (this.stuck.size > 0) await this.freeStuck()
    return this.take()
  }

  private take(): EmbeddedManager {
    return this.idle.pop() ?? this.makeLane()
  }

  private async give(lane: EmbeddedManager): Promise<void> {
    if (!(await this.rests(lane))) return
    if (this.idle.length < mostIdle && !this.stopped.signal.aborted) this.idle.push(lane)
    else await lane.close()
  }

  /** Whether a lane let go of the clock; one that cannot does so later. */
  private async rests(lane: EmbeddedManager): Promise<boolean> {
    try {
      await lane.rest()
      return true
    } catch (error) {
      this.onTrouble('lane.rest', error)
      this.stuck.add(lane)
      this.freeing ??= setInterval(() => void this.freeStuck(), lettingGoMs).unref()
      return false
    }
  }

  private async freeStuck(): Promise<void> {
    for (const lane of this.stuck) {
      const free = await lane.rest().then(() => true, () => false)
      // Somebody else may have been at it too.
      if (free && this.stuck.delete(lane)) await lane.close()
    }
    if (this.stuck.size > 0 || this.freeing === null) return
    clearInterval(this.freeing)
    this.freeing = null
  }
}

/** What is told of a wait that changed something, when the manager is stopped. */
function cutOff(): Refusal {
  return new Refusal('manager.no-answer', 'the manager is being stopped, and how far the call came is not known', 'look when it is back: job list, farm status')
}

/** A request in the name of who logged in; how he did is the door's affair. */
function named<R extends { principal: Principal }>(request: R): R {
  return { ...request, principal: { user: request.principal.user } }
}

/** Resolves with the promise, at the latest after so many milliseconds. */
async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  try {
    await Promise.race([promise, new Promise(resolve => { timer = setTimeout(resolve, ms) })])
  } finally {
    clearTimeout(timer)
  }
}
