import type { Membership, ServerFacts } from '../../host/ports.js'
import type { Fault } from '../../model/errors.js'
import type { Parts } from '../parts.js'
import { answered } from '../pool-channel.js'
import { masterFault, type RecordedPool } from './recorded.js'

/** What the servers of a pool say of themselves by its master, or why nobody can say. */
export type Heard = { facts: Map<string, ServerFacts>; silent: ReadonlySet<string> } | { fault: Fault }

/** Asks the servers of a pool what they are. */
export async function hear(parts: Parts, pool: RecordedPool): Promise<Heard> {
  if (pool.servers.length === 0) return { facts: new Map(), silent: new Set() }
  const fault = masterFault(pool)
  if (fault) return { fault }
  const asked = await answered(async () => (await parts.masters.of(pool.id)).describe(pool.servers.map(server => server.id)))
  if ('refusal' in asked) return { fault: asked.refusal.fault }
  return { facts: new Map(asked.value.facts.map(one => [one.serverId!, one])), silent: new Set(asked.value.silent) }
}

/** What a server is in its pool by the manager's records. */
export function membershipOf(pool: RecordedPool, serverId: string, owner: string): Membership {
  const { name, roles } = pool.servers.find(server => server.id === serverId)!
  return { serverId, name, poolId: pool.id, owner, roles }
}

/** Whether a server takes itself for what the records say that it is. */
export function agrees(facts: ServerFacts, membership: Membership): boolean {
  return facts.owner === membership.owner && facts.poolId === membership.poolId && facts.name === membership.name && [...facts.roles].sort().join() === [...membership.roles].sort().join()
}
