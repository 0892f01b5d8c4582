import type { Fault } from './errors.js'
import { namesOf } from './names.js'
import { serverRoles, type ServerRole, type ServerState, type StorageKind } from './object-states.js'

/** From how many servers on a pool with HA is warned about (seed: "a soft limit of 32 servers per HA enabled server pool"). */
export const softServerLimit = 32

/** What the rules look at of a pool. */
export interface PoolShape { name: string; storage: StorageKind; ha: boolean; virtualIp: string | null }

/** Why nothing in a pool can change that belongs to another manager (model.md, rule 7); null: it is this one's. */
export function ownedFault(pool: { name: string; owner: string }): Fault | null {
  return pool.owner === 'self' ? null : { code: 'pool.owned', message: `pool ${pool.name} belongs to ${pool.owner}`, hint: `pool restore ${pool.name} --force takes it`, details: null }
}

/** Why nothing in a pool can change that has no master, or one that is not up (model.md, rule 8); null: it has one. */
export function masterlessFault(pool: { name: string; master: { name: string; state: ServerState } | null }): Fault | null {
  const { name, master } = pool
  if (master && master.state !== 'off' && master.state !== 'dead') return null
  return { code: 'pool.no-master', message: `pool ${name} has no master that is up`, hint: master ? `server start ${master.name}, or pool master ${name} SERVER` : `pool master ${name} SERVER`, details: null }
}

/** What stands against a pool with local storage (model.md, rule 1): a second server, HA, or a virtual IP; null: nothing does. */
export function localFault(pool: PoolShape, serverCount: number): Fault | null {
  if (pool.storage !== 'local') return null
  const against = [...(serverCount > 1 ? [`${serverCount} servers`] : []), ...(pool.ha ? ['HA'] : []), ...(pool.virtualIp === null ? [] : ['a virtual IP'])]
  if (against.length === 0) return null
  return { code: 'pool.local', message: `pool ${pool.name} has local storage, which does not go with ${against.join(' and ')}`, hint: 'a pool with shared storage takes more servers, HA and a virtual IP', details: null }
}

/** What stands against HA of a pool (model.md, rule 2): it needs a root repository that every server reaches; null: nothing does. */
export function haFault(pool: PoolShape, hasSharedRoot: boolean): Fault | null {
  if (!pool.ha || pool.storage === 'local' || hasSharedRoot) return null
  return { code: 'pool.ha', message: `pool ${pool.name} has no shared root repository, which HA needs`, hint: `repo add --pool ${pool.name} --device DEVICE gives it one`, details: null }
}

/** The roles that no server of a pool has; of a pool without servers none is missing. */
export function missingRoles(servers: readonly (readonly ServerRole[])[]): ServerRole[] {
  return servers.length === 0 ? [] : serverRoles.filter(role => !servers.some(roles => roles.includes(role)))
}

/** A warning about a pool with HA and more servers than the soft limit; null: it has not. */
export function softLimitWarning(pool: PoolShape, serverCount: number): string | null {
  if (!pool.ha || serverCount <= softServerLimit) return null
  return `pool ${pool.name} has HA and ${serverCount} servers, more than its soft limit of ${softServerLimit}`
}

/** The processor of a server, as live migration compares it (model.md, rule 3). */
export interface Cpu { cpuFamily: string; cpuModel: string }

/** A warning about a server whose processor is another than that of the rest of its pool; null: it is the same, or there is no rest. */
export function cpuWarning(server: { name: string } & Cpu, rest: readonly ({ name: string } & Cpu)[]): string | null {
  const others = rest.filter(one => one.cpuFamily !== server.cpuFamily || one.cpuModel !== server.cpuModel)
  if (others.length === 0) return null
  return `server ${server.name} has CPU family ${server.cpuFamily} model ${server.cpuModel}, unlike ${namesOf(others.map(one => one.name))}: guests cannot migrate live between them`
}

/** Roles in the order of the contract, each once. */
export function orderedRoles(roles: Iterable<ServerRole>): ServerRole[] {
  const given = new Set(roles)
  return serverRoles.filter(role => given.has(role))
}
