import type { GuestFacts } from '../host/ports.js'
import type { Row } from '../store/store.js'

/** A guest's record as its servers report it. */
export function reportedRow(vmId: string, fact: GuestFacts): Row {
  return { id: vmId, state: fact.state, server_id: fact.serverId, target_server_id: null, domain_id: fact.domainId, vnc_port: fact.vncPort, started_at: fact.startedAtMs }
}
