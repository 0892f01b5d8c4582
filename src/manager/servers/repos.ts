import type { ServerRepo } from '../../contract/manager.js'
import type { Parts } from '../parts.js'
import { mountedIn } from '../pool-channel.js'
import { mustAnswer, namedServers } from './named.js'

/** What servers have mounted, the root first, as `repos.py -l` lists it there. @throws Refusal agent.unreachable where one does not answer */
export async function reposOf(parts: Parts, ids: readonly string[]): Promise<ServerRepo[]> {
  const servers = await namedServers(parts, ids)
  const mounts = new Map((await Promise.all([...new Set(servers.map(server => server.poolId))].map(poolId => mountedIn(parts, poolId)))).flat().map(({ serverId, repositories }) => [serverId, repositories]))
  mustAnswer(servers, mounts)
  return servers.flatMap(({ id, name: server }) => [...mounts.get(id)!].sort((a, b) => Number(b.root) - Number(a.root) || (a.device < b.device ? -1 : 1))
    .map(({ root, uuid, device, kind, mountPoint, sizeMiB, freeMiB, lockDevice }) => ({ server, root, uuid, device, kind, mountPoint, sizeMiB, freeMiB, lockDevice })))
}
