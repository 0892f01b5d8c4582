import type { ClockReading, FarmStatus, FarmTopology, Manager, Page, Report, RunHandle, RunProgress } from '../contract/manager.js'
import type { RecordData } from '../contract/fields.js'
import {
  clockRequestSchema, farmRequestSchema, followRequestSchema, listRequestSchema, reportRequestSchema, runRequestSchema, showRequestSchema, validate, waitRequestSchema,
  type Principal, type RunRequest,
} from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import type { Permission } from '../model/permissions.js'
import { formatTime } from '../model/units.js'
import type { Reader } from '../store/store.js'
import { Assumption } from './assume.js'
import { RunDriver } from './drive.js'
import { Engine } from './engine.js'
import { listRecords, readStatus, readTopology, showRecords } from './looking.js'
import type { Parts } from './parts.js'
import { identify, permit, visibleRuns, type Caller } from './principal.js'
import { reconcile } from './reconcile.js'
import { reportOf } from './report.js'
import { resetStatus } from './reset-status.js'
import { loadItems, loadRuns } from './run-records.js'
import { submitRun } from './submit.js'
import { resolveTargets } from './targets.js'
import { giveUp, look, waitReport, type Watched } from './waiting.js'

/** How the clock is moved beyond waiting: only a simulated farm can. */
export interface ClockControl {
  reading(): Promise<{ rate: number; farmNow: number }>
  setRate(rate: number): Promise<void>
}

/** The Manager in this process, over a store, the masters of its pools and a clock. */
export class EmbeddedManager implements Manager {
  private readonly engine: Engine
  private readonly drivers = new Map<string, RunDriver>()
  private readonly interrupted = new Set<string>()
  private readonly dryReports = new Map<string, Report>()
  private session: string | null = null

  constructor(private readonly parts: Parts, private readonly clockControl: ClockControl | null, private readonly onClose: () => Promise<void> = async () => {}) {
    this.engine = new Engine(parts)
  }

  async list(input: unknown): Promise<Page> {
    const request = validate(listRequestSchema, input)
    await this.catchUp()
    return this.looking(request.principal, request.kind === 'vm' ? 'vm.look' : 'farm.look', (reader, caller) => listRecords(reader, caller, request))
  }

  async show(input: unknown): Promise<RecordData[]> {
    const request = validate(showRequestSchema, input)
    await this.catchUp()
    return this.looking(request.principal, request.kind === 'vm' ? 'vm.look' : 'farm.look', (reader, caller) => showRecords(reader, caller, request))
  }

  async farmStatus(input: unknown): Promise<FarmStatus> {
    const { principal } = validate(farmRequestSchema, input)
    await this.catchUp()
    const nowMs = await this.parts.clock.nowMs()
    return this.looking(principal, 'farm.look', (reader, caller) => readStatus(reader, caller, this.parts.farm, nowMs))
  }

  async farmTopology(input: unknown): Promise<FarmTopology> {
    const { principal } = validate(farmRequestSchema, input)
    await this.catchUp()
    return this.looking(principal, 'farm.look', (reader, caller) => readTopology(reader, caller, this.parts.farm))
  }

  async startRun(input: unknown): Promise<RunHandle> {
    const request = validate(runRequestSchema, input)
    // Whoever may not, or names nothing, is refused before anything at all is written.
    await this.looking(request.principal, `vm.${request.operation}`, async () => {})
    await reconcile(this.parts, await this.engine.poolOf())
    await this.catchUp()
    return request.policy.dryRun ? this.dryRun(request) : this.realRun(request)
  }

  async followRun(input: unknown): Promise<RunProgress> {
    const request = validate(followRequestSchema, input)
    const driver = this.drivers.get(request.run)
    if (driver) {
      const over = await this.engine.step(driver, this.session!, () => this.interrupted.has(request.run))
      if (over) {
        this.drivers.delete(request.run)
        await this.endSession()
      }
    }
    if (this.dryReports.has(request.run)) return { run: request.run, farm: this.parts.farm, state: 'finished', revision: 1, total: 0, settled: 0 }
    return this.engine.progress(request.run)
  }

  async runReport(input: unknown): Promise<Report> {
    const request = validate(reportRequestSchema, input)
    const dry = this.dryReports.get(request.run)
    if (dry) return dry
    const nowMs = await this.parts.clock.nowMs()
    return this.looking(request.principal, 'records.look', async (reader, caller) => {
      const see = visibleRuns(caller, 'user')
      const [run] = await loadRuns(reader, `id = ? and ${see.sql}`, [request.run, ...see.params])
      if (!run) throw new Refusal('not-found.run', `no such run: ${request.run}`, 'run list shows what there is', { missing: [request.run] })
      return reportOf(this.parts.farm, run, await loadItems(reader, 'i.run = ?', [run.id]), nowMs)
    })
  }

  async interruptRun(input: unknown): Promise<void> {
    this.interrupted.add(validate(reportRequestSchema, input).run)
  }

  async waitForVms(input: unknown): Promise<Report> {
    const request = validate(waitRequestSchema, input)
    const startedAtMs = await this.parts.clock.nowMs()
    const targets = await this.looking(request.principal, 'vm.look', (reader, caller) => resolveTargets(reader, caller, request.selector))
    const watched = targets.map((target): Watched => ({ target, first: target.state, state: target.state, endedAtMs: null, error: null }))
    const until = request.timeoutMs === null ? null : startedAtMs + request.timeoutMs
    let nowMs = startedAtMs
    await this.parts.store.read(reader => look(reader, watched, request, nowMs))
    if (watched.some(one => one.endedAtMs === null)) {
      const session = await this.openSession()
      await reconcile(this.parts, await this.engine.poolOf())
      for (;;) {
        await this.parts.store.read(reader => look(reader, watched, request, nowMs))
        if (watched.every(one => one.endedAtMs !== null)) break
        if (until !== null && nowMs >= until) { giveUp(watched, nowMs, 'run.deadline', request.for); break }
        const moment = await this.engine.wait(session, until)
        nowMs = moment.nowMs
        if (moment.idle && until === null) { giveUp(watched, nowMs, 'wait.endless', request.for); break }
      }
      await this.endSession()
    }
    return waitReport(this.parts.farm, request.principal.user, startedAtMs, nowMs, watched)
  }

  async moveClock(input: unknown): Promise<ClockReading> {
    const request = validate(clockRequestSchema, input)
    await this.looking(request.principal, 'farm.look', async () => {})
    if (!this.clockControl) throw new Refusal('usage.argument', 'only the clock of a simulated farm can be moved')
    let processed = 0
    if (request.rate !== null) {
      await this.catchUp()
      await this.clockControl.setRate(request.rate)
    } else if (request.advanceMs !== null) processed = await this.advanceTo((await this.parts.clock.nowMs()) + request.advanceMs)
    else await this.catchUp()
    const { rate, farmNow } = await this.clockControl.reading()
    return { now: formatTime(farmNow), mode: rate > 0 ? 'rate' : 'standing', rate, processed }
  }

  async close(): Promise<void> {
    await this.endSession()
    await this.parts.store.close()
    await this.onClose()
  }

  private async realRun(request: RunRequest): Promise<RunHandle> {
    const session = await this.openSession()
    try {
      const nowMs = await this.parts.clock.nowMs()
      const { queue, ...submitted } = await this.parts.store.transact(tx => submitRun(tx, request, session, nowMs))
      const handle = { ...submitted, farm: this.parts.farm }
      if (!queue) { await this.endSession(); return handle }
      if (request.operation === 'reset-status') return await this.resetNow(handle)
      const driver = await RunDriver.open(this.parts, handle.run, request.policy.noWait ? null : session, queue)
      if (!request.policy.noWait) {
        this.drivers.set(handle.run, driver)
        return handle
      }
      await driver.launch()
      if (driver.finished) await driver.finish('finished')
      await this.endSession()
      return { ...handle, state: 'finished' }
    } catch (error) {
      await this.endSession()
      throw error
    }
  }

  private async resetNow(handle: RunHandle): Promise<RunHandle> {
    const [run] = await this.parts.store.read(reader => loadRuns(reader, 'id = ?', [handle.run]))
    await resetStatus(this.parts, run!)
    await (await RunDriver.open(this.parts, handle.run, null)).finish('finished')
    await this.endSession()
    return { ...handle, state: 'finished' }
  }

  /** Runs the request on a fork of the store, with agents that always succeed; nothing of it reaches the farm. */
  private async dryRun(request: RunRequest): Promise<RunHandle> {
    const fork = await this.parts.store.fork()
    try {
      const assumed = new Assumption(await this.parts.clock.nowMs())
      const rehearsal = new EmbeddedManager({ farm: this.parts.farm, store: fork, masters: assumed, clock: assumed }, null)
      const real = { ...request, policy: { ...request.policy, dryRun: false, noWait: false }, guards: { ...request.guards, confirmed: true } }
      let handle: RunHandle = await rehearsal.realRun(real)
      while (handle.state === 'running') handle = await rehearsal.followRun({ principal: request.principal, run: handle.run, afterRevision: handle.revision })
      const report = await rehearsal.runReport({ principal: request.principal, run: handle.run })
      const id = `dry-${this.dryReports.size + 1}`
      this.dryReports.set(id, asDry(report))
      return { run: id, farm: this.parts.farm, state: 'finished', revision: 1 }
    } finally {
      await fork.close()
    }
  }

  private async advanceTo(untilMs: number): Promise<number> {
    const session = await this.openSession()
    let processed = 0
    await reconcile(this.parts, await this.engine.poolOf())
    await this.engine.driveDetached()
    for (;;) {
      const moment = await this.engine.wait(session, untilMs)
      processed += moment.serverIds.length
      if (moment.nowMs >= untilMs && moment.serverIds.length === 0) break
    }
    await this.endSession()
    return processed
  }

  /** Lets a clock that follows the wall clock catch up before anything is read; a standing clock costs nothing. */
  private async catchUp(): Promise<void> {
    if (!this.clockControl) return
    const { rate, farmNow } = await this.clockControl.reading()
    if (rate > 0) await this.advanceTo(farmNow)
  }

  private looking<T>(principal: Principal, permission: Permission, work: (reader: Reader, caller: Caller) => Promise<T>): Promise<T> {
    return this.parts.store.read(async reader => {
      const caller = await identify(reader, principal)
      permit(caller, permission)
      return work(reader, caller)
    })
  }

  private async openSession(): Promise<string> {
    this.session ??= await this.parts.clock.openSession()
    return this.session
  }

  private async endSession(): Promise<void> {
    const { session } = this
    this.session = null
    if (session !== null) await this.parts.clock.closeSession(session)
  }
}

function asDry(report: Report): Report {
  const items = report.items.map(item => ({ ...item, result: item.result === 'done' ? ('would-do' as const) : item.result === 'failed' ? ('would-fail' as const) : item.result, job: null, startedAt: null, seconds: null }))
  return { ...report, run: null, wouldDo: report.done, wouldFail: report.failed, done: 0, failed: 0, items }
}
