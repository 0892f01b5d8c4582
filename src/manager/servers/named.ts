import { Refusal } from '../../model/errors.js'
import { namesOf } from '../../model/names.js'
import type { Parts } from '../parts.js'

/** A server that is asked about. */
export interface NamedServer { id: string; name: string; poolId: string }

/** Servers by id, in that order. */
export function namedServers(parts: Parts, ids: readonly string[]): Promise<NamedServer[]> {
  return parts.store.read(reader => reader.select<NamedServer>({ id: 's.id', name: 's.name', poolId: 's.pool_id' }, 'from json_each(?) j join server s on s.id = j.value order by j.key', [JSON.stringify(ids)]))
}

/** @throws Refusal agent.unreachable where one of the servers did not answer */
export function mustAnswer(servers: readonly NamedServer[], answers: ReadonlyMap<string, unknown>): void {
  const silent = servers.filter(server => !answers.has(server.id)).map(server => server.name)
  if (silent.length > 0) throw new Refusal('agent.unreachable', `${silent.length === 1 ? 'the agent of server' : 'the agents of'} ${namesOf(silent)} ${silent.length === 1 ? 'does' : 'do'} not answer`, 'server check tells why', { names: silent })
}
