import type { ServerNic } from '../../contract/manager.js'
import { Refusal } from '../../model/errors.js'
import { namesOf } from '../../model/names.js'
import type { Parts } from '../parts.js'
import { surveyAll } from '../pool-channel.js'

/** The network cards of servers. @throws Refusal agent.unreachable where one does not answer */
export async function networkOf(parts: Parts, ids: readonly string[]): Promise<ServerNic[]> {
  const servers = await parts.store.read(reader => reader.select<{ id: string; name: string; poolId: string }>({ id: 's.id', name: 's.name', poolId: 's.pool_id' }, 'from json_each(?) j join server s on s.id = j.value order by j.key', [JSON.stringify(ids)]))
  const surveys = await surveyAll(parts, servers.map(server => ({ ...server, password: null })))
  const silent = servers.filter(server => !surveys.has(server.id)).map(server => server.name)
  if (silent.length > 0) throw new Refusal('agent.unreachable', `${silent.length === 1 ? 'the agent of server' : 'the agents of'} ${namesOf(silent)} ${silent.length === 1 ? 'does' : 'do'} not answer`, 'server check tells why', { names: silent })
  return servers.flatMap(({ id, name }) => surveys.get(id)!.nics.map(({ name: nic, ...rest }) => ({ server: name, nic, mac: rest.mac, speedMbit: rest.speedMbit, address: rest.address, bridge: rest.bridge, interfaces: rest.interfaces, networks: rest.networks })))
}
