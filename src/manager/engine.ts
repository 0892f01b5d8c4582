import type { RunProgress } from '../contract/manager.js'
import type { Moment } from '../host/ports.js'
import { collect, RunDriver } from './drive.js'
import type { Parts } from './parts.js'
import { loadRuns } from './run-records.js'

/** Drives runs through time: waits on the farm's clock, collects what ended, and lets every run that may go on. */
export class Engine {
  private readonly detached = new Map<string, RunDriver>()
  private pools: Map<string, string> | null = null

  constructor(private readonly parts: Parts) {}

  /** Server id → pool id. */
  async poolOf(): Promise<ReadonlyMap<string, string>> {
    this.pools ??= new Map((await this.parts.store.read(reader => reader.select<{ id: string; poolId: string }>({ id: 'id', poolId: 'pool_id' }, 'from server'))).map(row => [row.id, row.poolId]))
    return this.pools
  }

  /** Waits until something ends or a time is reached, records it, and lets handed-over runs go on. */
  async wait(session: string, untilMs: number | null, own: readonly string[] = []): Promise<Moment> {
    const moment = await this.parts.clock.wait(session, untilMs)
    const serverIds = moment.serverIds.length > 0 ? moment.serverIds : own
    if (serverIds.length > 0) await collect(this.parts, await this.poolOf(), serverIds)
    await this.driveDetached()
    return moment
  }

  /** Begins what may begin of runs that were handed over and that no command drives. */
  async driveDetached(): Promise<void> {
    const runs = await this.parts.store.read(reader => loadRuns(reader, `state = 'running' and detached = 1`, []))
    for (const { id } of runs) {
      const driver = this.detached.get(id) ?? (await RunDriver.open(this.parts, id, null))
      this.detached.set(id, driver)
      await driver.notice()
      await driver.launch()
      if (driver.finished) {
        await driver.finish('finished')
        this.detached.delete(id)
      }
    }
  }

  /** One step of a run that a command drives. True when the run is over for that command. */
  async step(driver: RunDriver, session: string, interrupted: () => boolean): Promise<boolean> {
    const { run } = driver
    if (interrupted()) return this.end(driver, 'run.interrupted')
    await driver.launch()
    if (driver.finished) {
      await driver.finish('finished')
      return true
    }
    const deadline = run.policy.timeoutMs === null ? null : run.createdAt + run.policy.timeoutMs
    const moment = await this.wait(session, deadline, driver.serverIds)
    await driver.notice()
    if (deadline !== null && moment.nowMs >= deadline && !driver.finished) return this.end(driver, 'run.deadline')
    if (moment.idle && moment.serverIds.length === 0 && deadline === null) return this.end(driver, 'run.deadline')
    return false
  }

  /** How far a run has come, from the store. */
  async progress(runId: string): Promise<RunProgress> {
    const [run] = await this.parts.store.read(reader => loadRuns(reader, 'id = ?', [runId]))
    return { run: run!.id, farm: this.parts.farm, state: run!.state, revision: run!.revision, total: run!.total, settled: run!.settled }
  }

  private async end(driver: RunDriver, code: 'run.interrupted' | 'run.deadline'): Promise<true> {
    const interrupted = code === 'run.interrupted'
    const why = interrupted ? 'the command was interrupted' : 'the deadline passed'
    await driver.drop({ code, message: `not begun: ${why} before its turn`, hint: 'run it again for the rest', details: null }, interrupted)
    await driver.lose({ code, message: `${why} before the outcome was seen`, hint: 'look at it with vm show; it goes on by itself', details: null })
    await driver.finish(interrupted ? 'interrupted' : 'finished')
    return true
  }
}
