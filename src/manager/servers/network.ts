import type { ServerNic } from '../../contract/manager.js'
import type { Parts } from '../parts.js'
import { surveyAll } from '../pool-channel.js'
import { mustAnswer, namedServers } from './named.js'

/** The network cards of servers. @throws Refusal agent.unreachable where one does not answer */
export async function networkOf(parts: Parts, ids: readonly string[]): Promise<ServerNic[]> {
  const servers = await namedServers(parts, ids)
  const surveys = await surveyAll(parts, servers.map(server => ({ ...server, password: null })))
  mustAnswer(servers, surveys)
  return servers.flatMap(({ id, name: server }) => surveys.get(id)!.nics.map(({ name: nic, mac, speedMbit, address, bridge, interfaces, networks }) => ({ server, nic, mac, speedMbit, address, bridge, interfaces, networks })))
}
