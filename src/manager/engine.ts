import type { RunProgress } from '../contract/manager.js'
import type { Moment } from '../host/ports.js'
import { Refusal } from '../model/errors.js'
import { collect } from './collect.js'
import { RunDriver } from './drive.js'
import type { Parts } from './parts.js'
import { reconcile } from './reconcile.js'

/** Drives runs through time: waits on the farm's clock, collects what ended, and lets every run that may go on. */
export class Engine {
  private readonly detached = new Map<string, RunDriver>()

  constructor(private readonly parts: Parts) {}

  /** Waits until something ends or a time is reached, records it, and lets handed-over runs go on; `driver` goes on in the commit that records it. */
  async wait(session: string, untilMs: number | null, own: readonly string[] = [], signal?: AbortSignal, driver?: RunDriver): Promise<Moment> {
    const news = driver?.news
    await this.driveDetached(session)
    const moment = await this.parts.clock.wait(session, untilMs, { ...(signal ? { signal } : {}), news, stirred: this.parts.stir.take() })
    const serverIds = moment.serverIds.length > 0 ? moment.serverIds : own
    const ends = driver === undefined || signal?.aborted || moment.nowMs >= (driver.run.deadlineAt ?? Infinity)
    if (serverIds.length > 0) await collect(this.parts, serverIds, ends ? undefined : tx => driver.goOn(tx, moment.nowMs))
    return moment
  }

  /** Begins what may begin of runs that were handed over; each is driven by one session at a time. */
  async driveDetached(session: string): Promise<void> {
    const runs = await this.parts.store.read(reader => reader.select<{ id: string }>({ id: 'id' }, `from run where state = 'running' and detached = 1 and (session is null or session = ?) order by seq`, [session]))
    for (const { id } of runs) {
      const driver = this.detached.get(id) ?? (await this.claim(id, session))
      if (!driver) continue
      if (!(await unlessTaken(this.driveOn(driver)))) this.detached.delete(id)
    }
  }

  /** Takes a handed-over run for this session; null when another was faster. */
  private async claim(run: string, session: string): Promise<RunDriver | null> {
    const changed = await this.parts.store.transact(tx => tx.run(`update run set session = ? where id = ? and session is null and state = 'running'`, [session, run]))
    return changed === 1 ? RunDriver.open(this.parts, run, session) : null
  }

  /** Lets a handed-over run go on as far as it may now. */
  async driveOn(driver: RunDriver): Promise<void> {
    const { deadlineAt } = driver.run
    await driver.notice()
    if (deadlineAt !== null && (await this.parts.clock.nowMs()) >= deadlineAt) {
      await driver.stopEvacuating()
      await driver.drop({ code: 'run.deadline', message: 'not begun: the deadline passed before its turn', hint: 'run retry takes it up', details: null })
    }
    await driver.launch()
    if (!driver.finished) {
      this.detached.set(driver.run.id, driver)
      return
    }
    await driver.finish('finished')
    this.detached.delete(driver.run.id)
  }

  /** Lets go of handed-over runs, so that whoever waits next drives them on. */
  async release(session: string): Promise<void> {
    if (this.detached.size === 0) return
    const drivers = [...this.detached.values()]
    this.detached.clear()
    for (const driver of drivers) await unlessTaken(driver.stopEvacuating())
    await this.parts.store.transact(tx => tx.run(`update run set session = null where session = ? and detached = 1`, [session]))
  }

  /** One step of a run that a command drives. True when the run is over for that command. */
  async step(driver: RunDriver, session: string, signal: AbortSignal): Promise<boolean> {
    const { deadlineAt } = driver.run
    // What has ended already cannot be interrupted: it would wait for a resume that has nothing to do.
    if (signal.aborted && !driver.finished) return this.end(driver, 'run.interrupted')
    await driver.launch()
    if (driver.finished) {
      await driver.finish('finished')
      return true
    }
    const until = Math.min(deadlineAt ?? Infinity, driver.leaseDeadline ?? Infinity)
    const moment = await this.wait(session, until === Infinity ? null : until, driver.serverIds, signal, driver)
    const before = driver.serverIds.length
    if (await driver.followUp()) return false
    await driver.notice()
    if (signal.aborted) return false
    if (deadlineAt !== null && moment.nowMs >= deadlineAt && !driver.finished) return this.end(driver, 'run.deadline')
    if (!moment.idle || moment.serverIds.length > 0 || driver.serverIds.length < before) return false
    return this.atRest(driver, until)
  }

  /** How far a run has come, from the store. */
  async progress(runId: string): Promise<RunProgress> {
    const [run] = await this.parts.store.read(reader => reader.select<Omit<RunProgress, 'farm'>>({ run: 'id', state: 'state', revision: 'revision', total: 'total', settled: 'settled' }, 'from run where id = ?', [runId]))
    return { ...run!, farm: this.parts.farm }
  }

  /** Nothing is due any more: what is still under way cannot tell how it ends, and leases that are held stay so. */
  private async atRest(driver: RunDriver, until: number): Promise<boolean> {
    await reconcile(this.parts, false)
    await driver.notice()
    if (until !== Infinity) return false
    await driver.giveUp({ code: 'agent.no-answer', message: 'the server does not answer, so how it ended is not known', hint: 'run show tells once the server answers again; do not ask again before', details: null })
    return false
  }

  private async end(driver: RunDriver, code: 'run.interrupted' | 'run.deadline'): Promise<true> {
    const interrupted = code === 'run.interrupted'
    const why = interrupted ? 'the command was interrupted' : 'the deadline passed'
    await driver.stopEvacuating()
    await driver.drop({ code, message: `not begun: ${why} before its turn`, hint: interrupted ? `run resume ${driver.run.id} takes it up` : `run retry ${driver.run.id} takes it up`, details: null }, interrupted)
    await driver.lose({ code, message: `${why} before the outcome was seen`, hint: 'it goes on by itself: run show tells how it ended', details: null })
    await driver.finish(interrupted ? 'interrupted' : 'finished')
    return true
  }
}

/**
 * Whether a turn at a handed-over run was this command's: somebody else may have seen its last item end, and ended it, or hold
 * this command for dead. That ends the turn, and not the command.
 */
async function unlessTaken(turn: Promise<void>): Promise<boolean> {
  try {
    await turn
    return true
  } catch (error) {
    if (error instanceof Refusal && error.code === 'lease.held') return false
    throw error
  }
}
