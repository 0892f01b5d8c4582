import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { FarmKeeper, FarmMade, FarmOrder, FarmSummary, FaultOrder, FaultSummary, HealthCheck, PresetSummary, WorldStatus } from '../contract/farms.js'
import type { Principal } from '../contract/requests.js'
import { Logins } from '../manager/people/logins.js'
import { recordRefusal } from '../manager/people/refusals.js'
import { identify, permit } from '../manager/principal.js'
import { metaText } from '../manager/run-records.js'
import { Refusal } from '../model/errors.js'
import { checkName } from '../model/names.js'
import { formatTime } from '../model/units.js'
import { SimClock } from '../sim/clock.js'
import { physics } from '../sim/physics.js'
import { planOf, presets } from '../sim/presets.js'
import { World } from '../sim/world.js'
import { mustNotBeServed } from './claim.js'
import { checkFarms } from './farm-check.js'
import type { Farms } from './farms.js'
import { addFaultTo, clearFaultsOf, faultsOf, type FarmStores } from './faults.js'
import { makeFarm } from './make-farm.js'
import { openStores } from './open.js'

/** Makes, names and removes the embedded farms of a home. */
export class FarmLibrary implements FarmKeeper {
  constructor(private readonly farms: Farms) {}

  async create(principal: Principal, order: FarmOrder): Promise<FarmMade> {
    const plan = planOf(order.preset, order)
    const name = checkName(order.name ?? order.preset, 'farm')
    if (!Number.isInteger(order.seed) || order.seed < 0 || order.seed > 0xffffffff) throw new Refusal('usage.argument', `--seed is a whole number from 0 to 4294967295, not ${order.seed}`)
    const exists = this.farms.exists(name)
    if (exists && !order.replace) throw new Refusal('farm.exists', `there is a farm ${name} already`, `choose another name, or replace it: ovmcli sim create ${name} --preset ${order.preset} --replace`)
    if (exists) await this.mustEnd(principal, name)
    const folder = this.farms.prepare(name)
    let notStarted: string[]
    try {
      const { repository, world } = openStores(folder, true)
      notStarted = await makeFarm(repository, world, plan, { name, seed: order.seed, running: order.running, ha: order.ha })
      await repository.close()
      await world.close()
      for (const file of ['manager.db', 'world.db']) chmodSync(join(folder, file), 0o600)
      this.farms.adopt(folder, name)
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
    this.farms.use(name)
    return { ...(await this.summary(name)), notStarted }
  }

  current(): string | null {
    return this.farms.current()
  }

  names(): string[] {
    return this.farms.names()
  }

  must(name: string): string {
    return this.farms.must(name)
  }

  check(named: string | null): Promise<HealthCheck[]> {
    return checkFarms(this.farms, named)
  }

  async list(): Promise<FarmSummary[]> {
    const summaries: FarmSummary[] = []
    for (const name of this.farms.names()) summaries.push(await this.summary(name))
    return summaries
  }

  async use(name: string): Promise<FarmSummary> {
    const summary = await this.summary(this.farms.must(name))
    this.farms.use(name)
    return { ...summary, current: true }
  }

  async delete(principal: Principal, names: readonly string[]): Promise<FarmSummary[]> {
    for (const name of names) await this.mustEnd(principal, this.farms.must(name))
    const gone: FarmSummary[] = []
    for (const name of new Set(names)) {
      gone.push(await this.summary(name))
      this.farms.remove(name)
    }
    return gone
  }

  status(named: string | null): Promise<WorldStatus> {
    return this.withStores(named, async ({ repository, world }, name) => {
      const clock = new SimClock(new World(world))
      const { rate, farmNow } = await clock.reading()
      const [busy] = await world.read(reader => reader.select<{ n: number }>({ n: 'count(*)' }, 'from activity where ended_at is null'))
      const due = await clock.nextDueMs()
      const [preset, seed] = await repository.read(async reader => [await metaText(reader, 'preset'), await metaText(reader, 'seed')])
      return {
        farm: name, preset: preset!, seed: Number(seed), time: formatTime(farmNow), clock: { mode: rate > 0 ? 'rate' : 'standing', rate }, activities: busy!.n, nextDueAt: due === null ? null : formatTime(due), physics: { ...physics },
      }
    })
  }

  presets(): PresetSummary[] {
    return Object.entries(presets).map(([name, { description, poolNames }]) => ({ name, pools: poolNames, description }))
  }

  async addFault(principal: Principal, order: FaultOrder): Promise<FaultSummary> {
    await this.mustManage(principal, order.farm)
    return this.withStores(order.farm, stores => addFaultTo(stores, order))
  }

  listFaults(farm: string | null): Promise<FaultSummary[]> {
    return this.withStores(farm, faultsOf)
  }

  async clearFaults(principal: Principal, farm: string | null, ids: readonly string[]): Promise<FaultSummary[]> {
    await this.mustManage(principal, farm)
    return this.withStores(farm, stores => clearFaultsOf(stores, ids))
  }

  private mustManage(principal: Principal, farm: string | null): Promise<void> {
    return this.withStores(farm, async ({ repository, world }) => {
      try {
        await new Logins().check(repository, principal)
        await repository.read(async reader => permit(await identify(reader, principal), 'farm.manage'))
      } catch (error) {
        if (error instanceof Refusal) await recordRefusal(repository, (await new SimClock(new World(world)).reading()).farmNow, principal, error)
        throw error
      }
    })
  }

  /** Who manages a farm may end it, while nobody serves it; where it cannot be read, there is nobody who could be asked. */
  private async mustEnd(principal: Principal, farm: string): Promise<void> {
    await unlessUnreadable(this.mustManage(principal, farm))
    await unlessUnreadable(this.withStores(farm, ({ repository }) => mustNotBeServed(repository, farm)))
  }

  private async summary(name: string): Promise<FarmSummary> {
    const unread = { name, preset: null, seed: null, current: this.farms.current() === name, pools: null, servers: null, vms: null }
    return (await unlessUnreadable(this.readSummary(name))) ?? unread
  }

  private readSummary(name: string): Promise<FarmSummary> {
    return this.withStores(name, ({ repository }) => repository.read(async reader => {
      const count = async (table: string) => (await reader.select<{ n: number }>({ n: 'count(*)' }, `from ${table}`))[0]!.n
      return {
        name, preset: await metaText(reader, 'preset'), seed: Number(await metaText(reader, 'seed')), current: this.farms.current() === name,
        pools: await count('pool'), servers: await count('server'), vms: await count('vm'),
      }
    }))
  }

  /** Works on the stores of a farm (null: the current one), and closes them. */
  private async withStores<T>(named: string | null, work: (stores: FarmStores, name: string) => Promise<T>): Promise<T> {
    const name = this.farms.choose(named)
    const stores = openStores(this.farms.folder(name), false)
    try {
      return await work(stores, name)
    } finally {
      await stores.repository.close()
      await stores.world.close()
    }
  }
}

/** What a look into a farm found; null when its files are another version's, broken, or nobody may read them. */
async function unlessUnreadable<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await look
  } catch (error) {
    if (error instanceof Refusal && ['store.older', 'store.newer', 'store.corrupt', 'store.unreadable'].includes(error.code)) return null
    throw error
  }
}
