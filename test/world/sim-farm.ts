import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { addFaultTo, clearFaultsOf, faultsOf, type FarmStores } from '../../src/embedded/faults.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { openStores } from '../../src/embedded/open.js'
import type { FaultOrder, FaultSummary } from '../../src/contract/farms.js'
import type { GuestConfig, ShutdownManner, WorkTicket } from '../../src/host/ports.js'
import { Refusal, type ErrorCode } from '../../src/model/errors.js'
import { SimClock, type ClockSurroundings } from '../../src/sim/clock.js'
import { SimHypervisor } from '../../src/sim/hypervisor.js'
import { SimPower } from '../../src/sim/power.js'
import { SimStorage } from '../../src/sim/storage.js'
import { planOf } from '../../src/sim/presets.js'
import { World } from '../../src/sim/world.js'

export const graceful: ShutdownManner = { force: false, graceMs: 60_000, forceAfterMs: null }

/** One client of a simulated world, without a manager: the ports of its servers, its clock, and the faults of its administrator. */
export class SimFarm {
  readonly world: World
  readonly clock: SimClock
  session = ''
  private jobs = 0

  private constructor(readonly folder: string, readonly stores: FarmStores, private readonly ids: ReadonlyMap<string, string>, surroundings: ClockSurroundings, private readonly jobPrefix: string) {
    this.world = new World(stores.world)
    this.clock = new SimClock(this.world, surroundings)
  }

  /** A new farm from a preset, with a session of its own. */
  static async make(options: { preset?: string; running?: boolean; seed?: number; surroundings?: ClockSurroundings } = {}): Promise<SimFarm> {
    const folder = mkdtempSync(join(tmpdir(), 'ovmcli-world-'))
    const stores = openStores(folder, true)
    await makeFarm(stores.repository, stores.world, planOf(options.preset ?? 'figure-8', { pools: null, servers: null, guests: null }), { name: 'test', seed: options.seed ?? 1, running: options.running ?? false, ha: false })
    return SimFarm.over(folder, stores, options.surroundings ?? {}, 'job')
  }

  /** Another client of the same farm. It shares the connections: a second one would wait for the first with the only thread there is. */
  another(surroundings: ClockSurroundings = {}): Promise<SimFarm> {
    return SimFarm.over(this.folder, this.stores, surroundings, 'other')
  }

  private static async over(folder: string, stores: FarmStores, surroundings: ClockSurroundings, jobPrefix: string): Promise<SimFarm> {
    const rows = await stores.repository.read(async reader => [
      ...(await reader.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from server')), ...(await reader.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from vm'))])
    const farm = new SimFarm(folder, stores, new Map(rows.map(row => [row.name, row.id])), surroundings, jobPrefix)
    farm.session = await farm.clock.openSession()
    return farm
  }

  async remove(): Promise<void> {
    await this.stores.repository.close()
    await this.stores.world.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  id(name: string): string {
    const id = this.ids.get(name)
    if (id === undefined) throw new Error(`no ${name} on this farm`)
    return id
  }

  guest(name: string): GuestConfig {
    return { id: this.id(name), name, type: 'pv', memoryMiB: 4_096, vcpus: 2 }
  }

  hypervisor(server: string): SimHypervisor {
    return new SimHypervisor(this.world, this.id(server))
  }

  storage(name: string): SimStorage {
    return new SimStorage(this.world, this.id(name))
  }

  power(server: string): SimPower {
    return new SimPower(this.world, this.id(server))
  }

  ticket(job?: string): WorkTicket {
    return { job: job ?? `${this.jobPrefix}-${++this.jobs}`, session: this.session }
  }

  fault(kind: string, subject: string, rest: Partial<FaultOrder> = {}): Promise<FaultSummary> {
    return addFaultTo(this.stores, { farm: null, kind, subject, at: null, afterMs: null, forMs: null, probability: null, count: null, ...rest })
  }

  faults(): Promise<FaultSummary[]> {
    return faultsOf(this.stores)
  }

  clear(...ids: string[]): Promise<FaultSummary[]> {
    return clearFaultsOf(this.stores, ids)
  }

  /** Seconds of farm time since the farm was made. */
  async seconds(): Promise<number> {
    return ((await this.clock.nowMs()) - Date.UTC(2010, 6, 28)) / 1_000
  }

  /** Waits for the next thing to end or happen; at which second that is. */
  async next(): Promise<number> {
    await this.clock.wait(this.session, null)
    return this.seconds()
  }

  /** Moves the clock on, through everything that falls due. */
  async pass(seconds: number): Promise<void> {
    const until = (await this.clock.nowMs()) + seconds * 1_000
    for (;;) {
      const { nowMs, serverIds } = await this.clock.wait(this.session, until)
      if (nowMs >= until && serverIds.length === 0) return
    }
  }

  /** What a server reports of the jobs that ended on it: job → error code, or the guest's state. */
  async ended(server: string): Promise<Record<string, string>> {
    const outcomes = await this.hypervisor(server).outcomes()
    return Object.fromEntries(outcomes.map(({ job, error, facts }) => [job, error ? `${error.code}, ${facts.state}` : facts.state]))
  }

  /** What the servers of the farm report of a guest: its state and where. */
  async state(name: string): Promise<string> {
    const { id } = this.guest(name)
    for (const server of ['ovs1', 'ovs2', 'ovs3'].filter(one => this.ids.has(one))) {
      const [fact] = await this.hypervisor(server).inspect([id])
      if (fact) return fact.serverId === null ? fact.state : `${fact.state} on ${server}`
    }
    return 'nowhere'
  }

  /** What a server has to tell of itself, by name. */
  async told(server: string): Promise<string[]> {
    return (await this.hypervisor(server).notices()).map(notice => notice.what)
  }

  /** The servers that ring, by name. */
  async ringing(): Promise<string[]> {
    const names = new Map([...this.ids].map(([name, id]) => [id, name]))
    return (await this.world.ringing()).map(id => names.get(id)!).sort()
  }

  /** Rows of the world. */
  rows<T>(selection: Record<string, string>, rest: string): Promise<T[]> {
    return this.stores.world.read(reader => reader.select<T>(selection, rest))
  }
}

const farms: SimFarm[] = []
afterEach(async () => { for (const farm of farms.splice(0)) await farm.remove() })

/** A farm that goes when its test has ended. */
export async function make(options: Parameters<typeof SimFarm.make>[0] = {}): Promise<SimFarm> {
  const farm = await SimFarm.make(options)
  farms.push(farm)
  return farm
}

/** The code of the refusal that something ends with. */
export async function refusal(work: Promise<unknown>): Promise<ErrorCode> {
  try {
    await work
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
  throw new Error('it was not refused')
}
