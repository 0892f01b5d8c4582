import { join } from 'node:path'
import type { PoolAgent } from '../agent/protocol.js'
import type { Manager } from '../contract/manager.js'
import { EmbeddedManager } from '../manager/manager.js'
import type { Joining } from '../manager/parts.js'
import type { LoginDesk } from '../manager/people/logins.js'
import { queryFunctions } from '../manager/query-functions.js'
import { repositoryTables, repositoryVersion } from '../manager/schema.js'
import { SimClock, type ClockSurroundings } from '../sim/clock.js'
import { SimEnrolment } from '../sim/enrolment.js'
import { SimAgentKeys } from '../sim/agent-keys.js'
import { SimHypervisor } from '../sim/hypervisor.js'
import { SimNewcomers } from '../sim/newcomers.js'
import { SimPower } from '../sim/power.js'
import { SimStorage } from '../sim/storage.js'
import { SimSurveyor } from '../sim/surveyor.js'
import { worldTables, worldVersion } from '../sim/schema.js'
import { World } from '../sim/world.js'
import { openSqlite } from '../store/sqlite.js'
import type { Store } from '../store/store.js'
import { poolChannel } from './channel.js'
import { Farms } from './farms.js'
import { PoolChannels } from './pool-channels.js'

/** The two databases of an embedded farm, apart as in life: what the manager recorded, and what is so in the world. */
export const databases = {
  repository: { file: 'manager.db', tables: repositoryTables, version: repositoryVersion, functions: queryFunctions },
  world: { file: 'world.db', tables: worldTables, version: worldVersion },
} as const

/** Opens the databases of a farm in its folder. @throws Refusal store.* */
export function openStores(folder: string, create: boolean): { repository: Store; world: Store } {
  const repository = openSqlite(join(folder, databases.repository.file), { ...databases.repository, create })
  try {
    return { repository, world: openSqlite(join(folder, databases.world.file), { ...databases.world, create }) }
  } catch (error) {
    // Who runs many commands in one process would keep it open for ever.
    void repository.close()
    throw error
  }
}

/** The manager of an embedded farm: the current one, or the one named. @throws Refusal farm.none, farm.not-found, store.* */
export async function openManager(options: { home: string; farm: string | null }): Promise<Manager> {
  return managerOf(new Farms(options.home), options.farm)
}

/** The same, of farms that were looked for already. */
export async function managerOf(farms: Farms, farm: string | null): Promise<Manager> {
  const name = farms.choose(farm)
  const { repository, world } = openStores(farms.folder(name), false)
  return managerOver(name, repository, world, { fetchFolder: join(farms.folder(name), 'fetched') })
}

/** Who a manager is to others on the same farm, and how it waits for them; a test plays several in one process. */
export interface Identity extends ClockSurroundings {
  /** where bytes from outside come to lie while they are fetched; a folder for temporary files unless told */
  fetchFolder?: string
}

/** A manager over a repository and a simulated world, with real agents on the simulated servers. */
export function managerOver(name: string, repository: Store, worldStore: Store, identity: Identity = {}, logins?: LoginDesk): EmbeddedManager {
  const world = new World(worldStore, identity.fetchFolder ?? null)
  const clock = new SimClock(world, identity)
  const newcomers = new SimNewcomers(worldStore)
  async function masterOf(poolId: string, instead?: Joining, others: readonly Joining[] = []): Promise<PoolAgent> {
    const [servers, [pool]] = await repository.read(async reader => [
      await reader.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from server where pool_id = ?', [poolId]),
      await reader.select<{ masterId: string | null }>({ masterId: 'master_id' }, 'from pool where id = ?', [poolId]),
    ])
    const joining = [...(instead ? [instead] : []), ...others].filter(server => !servers.some(member => member.id === server.id))
    const hosts = [...servers, ...joining].map(server => ({ name: server.name, ports: { serverId: server.id, hypervisor: new SimHypervisor(world, server.id), storage: new SimStorage(world, server.id), power: new SimPower(world, server.id), enrolment: new SimEnrolment(world, server.id), surveyor: new SimSurveyor(world, server.id), keys: new SimAgentKeys(world, server.id) } }))
    return poolChannel(world, instead?.id ?? pool?.masterId ?? null, hosts, newcomers)
  }
  const channels = new PoolChannels(repository, poolId => masterOf(poolId))
  return new EmbeddedManager({
    farm: name, store: repository, clock,
    masters: {
      of: poolId => channels.of(poolId), under: masterOf, newcomers,
      power: serverId => new SimPower(world, serverId), ringing: () => world.ringing(), heard: serverIds => world.heard(serverIds),
    },
  }, clock, async () => {
    await world.forget()
    await worldStore.close()
  }, logins)
}
