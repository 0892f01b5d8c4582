import type { Fault } from '../../model/errors.js'
import type { ServerRole, ServerState } from '../../model/object-states.js'
import type { RunOperation } from '../../model/operations.js'
import { masterlessFault, ownedFault } from '../../model/server-pools.js'
import type { Reader } from '../../store/store.js'
import { fault, leaseFault } from '../launch.js'
import { failedEnd, type ActEnd } from '../acts.js'
import type { ItemRecord } from '../run-records.js'

/** A server as it is recorded, for an act on it. */
export interface RecordedServer {
  id: string; name: string; state: ServerState; roles: ServerRole[]; isMaster: boolean; pool: { id: string; name: string; owner: string; master: string | null; masterState: ServerState | null }
  leasedBy: { job: string; operation: RunOperation } | null
}

/** The servers of some pools, by id, in the order of their names. */
export async function loadServersOf(reader: Reader, poolIds: readonly string[]): Promise<Map<string, RecordedServer>> {
  const rows = await reader.select<{ id: string; name: string; state: ServerState; roles: string; poolId: string; pool: string; owner: string; masterId: string | null; master: string | null; masterState: ServerState | null; job: string | null; operation: RunOperation | null }>(
    { id: 's.id', name: 's.name', state: 's.state', roles: 's.roles', poolId: 'p.id', pool: 'p.name', owner: 'p.owner', masterId: 'p.master_id', master: 'm.name', masterState: 'm.state', job: 'l.job', operation: 'l.operation' },
    'from server s join pool p on p.id = s.pool_id left join server m on m.id = p.master_id left join item l on l.lease = s.id where s.pool_id in (select value from json_each(?)) order by s.name_key', [JSON.stringify(poolIds)])
  return new Map(rows.map(({ id, name, state, roles, poolId, pool, owner, masterId, master, masterState, job, operation }) => [id, {
    id, name, state, roles: JSON.parse(roles) as ServerRole[], isMaster: masterId === id, pool: { id: poolId, name: pool, owner, master, masterState }, leasedBy: job === null ? null : { job, operation: operation! },
  }]))
}

/** Why nothing can be done with the server of an item at all: it is gone, somebody else changes it, or its pool is another's or has no master; null when it can. */
export function serverOutOfReach(item: ItemRecord, server: RecordedServer | undefined): ActEnd | null {
  if (!server) return failedEnd(fault('not-found.server', `server ${item.name} is gone`, 'server list shows what there is'), null)
  if (server.leasedBy) return failedEnd(leaseFault(`server ${item.name}`, server.leasedBy.job, server.leasedBy.operation), server.state)
  const refusal: Fault | null = ownedFault(server.pool) ?? masterlessFault({ name: server.pool.name, master: server.pool.master === null ? null : { name: server.pool.master, state: server.pool.masterState! } })
  return refusal && failedEnd(refusal, server.state)
}
