import type { GuestFacts } from '../host/ports.js'
import { groupBy } from '../model/group.js'
import type { Row } from '../store/store.js'
import type { Parts } from './parts.js'
import type { ItemRecord } from './run-records.js'

/** What the servers really report of the guests of some items, by guest; a guest that no server knows is left out. */
export async function reportedBy(parts: Parts, items: readonly ItemRecord[]): Promise<Map<string, GuestFacts>> {
  const answers = await Promise.all([...groupBy(items, item => item.poolId)].map(async ([poolId, of]) => (await parts.masters.of(poolId)).inspect(of.map(item => item.targetId))))
  return new Map(answers.flat().map(fact => [fact.vmId, fact]))
}

/** A guest's record as its servers report it; `unknown` when none does. */
export function reportedRow(vmId: string, fact: GuestFacts | undefined): Row {
  return {
    id: vmId, state: fact?.state ?? 'unknown', server_id: fact?.serverId ?? null, target_server_id: null,
    domain_id: fact?.domainId ?? null, vnc_port: fact?.vncPort ?? null, started_at: fact?.startedAtMs ?? null,
  }
}
