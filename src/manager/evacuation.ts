import type { Fault } from '../model/errors.js'
import type { Transaction } from '../store/store.js'
import { RunDriver } from './drive.js'
import type { LaunchStep, Obstacle, QueuedItem } from './launch.js'
import type { Parts } from './parts.js'
import { mustDrive, type RunRecord } from './run-records.js'
import { itemTable, serverTable } from './schema.js'
import { recordRun } from './submit.js'

type Step = Extract<LaunchStep, { kind: 'evacuate' }>
interface Under { step: Step; run: string; queue: QueuedItem[]; driver: RunDriver | null }

/**
 * Evacuations on behalf of a run over servers: each is a run of its own that migrates the guests away, driven along by the
 * same command. A crash interrupts both; when the first is resumed it makes a new one for the guests that are left.
 */
export class Evacuations {
  private readonly under = new Map<number, Under>()

  constructor(private readonly parts: Parts, private readonly run: RunRecord, private readonly session: string) {}

  /** Whether servers are being emptied. */
  get busy(): boolean {
    return this.under.size > 0
  }

  private get drivers(): RunDriver[] {
    return [...this.under.values()].flatMap(({ driver }) => (driver ? [driver] : []))
  }

  get serverIds(): string[] {
    return this.drivers.flatMap(driver => driver.serverIds)
  }

  /** Records the run that empties a server, inside the transaction that takes the server's lease. */
  async begin(tx: Transaction, step: Step, nowMs: number): Promise<void> {
    const { run } = this
    const { queue, run: id } = await recordRun(tx, {
      user: run.user, requestKey: `${run.id}/${step.item.ordinal}`, operation: 'vm.migrate', reason: `evacuation of server ${step.item.name} for ${run.id}`,
      options: { force: false, graceMs: null, forceAfterMs: null, evacuate: false, to: 'auto', on: null, tags: null },
      policy: { ...run.policy, onError: 'continue', maxFailures: null, canary: null, orderTag: null, strict: false, noWait: false, timeoutMs: null },
      targets: step.guests.map(guest => ({ id: guest.id, name: guest.name, poolId: guest.poolId, pool: '', state: guest.state })), refused: new Map(), parent: run.id, retryOf: null,
    }, this.session, nowMs)
    this.under.set(step.item.ordinal, { step, run: id, queue, driver: null })
  }

  /** Lets every evacuation begin what it may. */
  async launch(): Promise<void> {
    for (const one of this.under.values()) {
      if (!one.driver) {
        one.driver = await RunDriver.open(this.parts, one.run, this.session, one.queue)
        one.driver.atWork = () => this.drivers.reduce((sum, driver) => sum + driver.underWay, 0)
      }
      await one.driver.launch()
    }
  }

  /** Gives up on moves of which nobody can tell how they end. */
  async giveUp(error: Fault): Promise<void> {
    // Those that wait for the others under --parallel have their turn once the others are given up.
    const busy = this.drivers.filter(driver => driver.underWay > 0)
    for (const driver of busy.length > 0 ? busy : this.drivers) await driver.giveUp(error)
  }

  async notice(): Promise<void> {
    for (const driver of this.drivers) await driver.notice()
  }

  /** Takes out the servers whose evacuation has ended, well or not. */
  async emptied(): Promise<QueuedItem[]> {
    const ended: QueuedItem[] = []
    for (const [ordinal, { step, run, driver }] of this.under) {
      if (!driver?.finished) continue
      await driver.finish('finished')
      this.under.delete(ordinal)
      ended.push({ ...step.item, evacuated: { blockers: await this.blockersOf(run), undo: step.undo } })
    }
    return ended
  }

  /** Why guests could not be moved, each reason once. */
  private async blockersOf(run: string): Promise<Obstacle[]> {
    const rows = await this.parts.store.read(reader => reader.select<{ name: string; error: string }>({ name: 'name', error: 'error' }, 'from item where run = ? and error is not null order by ordinal', [run]))
    const blockers = rows.flatMap(({ name, error }): Obstacle[] => {
      const { code, message, hint, details } = JSON.parse(error) as Fault
      return (details as { blockers?: Obstacle[] } | null)?.blockers ?? [{ rule: code, message: `guest ${name}: ${message}`, fix: hint ?? `vm show ${name}` }]
    })
    return [...new Map(blockers.map(blocker => [blocker.message, blocker])).values()]
  }

  /** Stops all evacuations: nothing more is moved, the servers are given back. */
  async stop(): Promise<QueuedItem[]> {
    const all = [...this.under.values()]
    this.under.clear()
    for (const { driver } of all) {
      const error = { code: 'run.interrupted' as const, message: `not moved: ${this.run.id} was ended before`, hint: null, details: null }
      await driver?.drop(error)
      await driver?.lose(error)
      await driver?.finish('finished')
    }
    if (all.length > 0) {
      this.parts.stir.mark()
      await this.parts.store.transact(async tx => {
        await mustDrive(tx, this.run.id, this.session)
        await tx.update(serverTable, all.map(({ step }) => step.undo))
        await tx.update(itemTable, all.map(({ step }) => ({ run: this.run.id, ordinal: step.item.ordinal, state: 'queued', step: 'queued', lease: null, server_id: null, started_at: null })))
      })
    }
    return all.map(({ step }) => step.item)
  }
}
