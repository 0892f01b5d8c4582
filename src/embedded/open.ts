import { join } from 'node:path'
import { MasterAgent } from '../agent/master.js'
import { MemberAgent } from '../agent/member.js'
import type { PoolAgent } from '../agent/protocol.js'
import type { FarmKeeper } from '../contract/farms.js'
import type { Manager } from '../contract/manager.js'
import { EmbeddedManager } from '../manager/manager.js'
import { repositoryTables, repositoryVersion } from '../manager/schema.js'
import { SimClock } from '../sim/clock.js'
import { SimHypervisor } from '../sim/hypervisor.js'
import { SimPower } from '../sim/power.js'
import { worldTables, worldVersion } from '../sim/schema.js'
import { World } from '../sim/world.js'
import { openSqlite } from '../store/sqlite.js'
import type { Store } from '../store/store.js'
import { Farms } from './farms.js'
import { FarmLibrary } from './library.js'

/** The two databases of an embedded farm, apart as in life: what the manager recorded, and what is so in the world. */
export function openStores(folder: string, create: boolean): { repository: Store; world: Store } {
  return {
    repository: openSqlite(join(folder, 'manager.db'), { tables: repositoryTables, version: repositoryVersion, create }),
    world: openSqlite(join(folder, 'world.db'), { tables: worldTables, version: worldVersion, create }),
  }
}

/** The manager of an embedded farm: the current one, or the one named. @throws Refusal farm.none, farm.not-found, store.* */
export async function openManager(options: { home: string; farm: string | null }): Promise<Manager> {
  const farms = new Farms(options.home)
  const name = farms.choose(options.farm)
  const { repository, world } = openStores(farms.folder(name), false)
  return managerOver(name, repository, world)
}

/** A manager over a repository and a simulated world, with real agents on the simulated servers. */
export function managerOver(name: string, repository: Store, worldStore: Store): EmbeddedManager {
  const world = new World(worldStore)
  const clock = new SimClock(world)
  const masters = new Map<string, Promise<PoolAgent>>()
  const masterOf = async (poolId: string): Promise<PoolAgent> => {
    const servers = await repository.read(reader => reader.select<{ id: string }>({ id: 'id' }, 'from server where pool_id = ?', [poolId]))
    return new MasterAgent(new Map(servers.map(({ id }) => [id, new MemberAgent({ serverId: id, hypervisor: new SimHypervisor(world, id), power: new SimPower(world, id) })])))
  }
  return new EmbeddedManager({
    farm: name, store: repository, clock,
    masters: {
      of: poolId => {
        let master = masters.get(poolId)
        if (!master) masters.set(poolId, (master = masterOf(poolId)))
        return master
      },
    },
  }, clock, () => worldStore.close())
}

/** The keeper of the farms in a home. */
export function openKeeper(home: string): FarmKeeper {
  return new FarmLibrary(new Farms(home))
}
