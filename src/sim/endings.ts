import type { GuestFacts } from '../host/ports.js'
import type { Fault } from '../model/errors.js'
import type { VmState } from '../model/vm-states.js'
import type { ActivityRow, DomainRow, HostRow } from './schema.js'

/** What the end of an activity changes in the world. */
export interface Ending {
  domain: 'keep' | 'remove'
  /** new value of the guest's saved image: 1 made, 0 dropped; null: as it was */
  saved: 0 | 1 | null
  error: Fault | null
}

/** The end of an activity at a moment: changes the domain row it is given, and says what else changes. Pure. */
export function endActivity(activity: ActivityRow, domain: DomainRow | undefined, target: HostRow | undefined, nowMs: number): Ending {
  // Decided when it began, or half way: one that crashed while it booted is off, one that could not be restored stays saved, any other goes on running.
  if (activity.error !== null) return { ...(activity.kind === 'restore' || activity.kind === 'create' ? gone(null) : stays('running')), error: JSON.parse(activity.error) as Fault }
  switch (activity.kind) {
    case 'shutdown': return gone(0)
    case 'save': return gone(1)
    case 'pause': return stays('paused')
    case 'restore': return { ...stays('running'), saved: 0 }
    case 'migrate': {
      domain!.host_id = activity.target_host_id!
      domain!.target_host_id = null
      domain!.vnc_port = domain!.target_vnc_port!
      domain!.target_vnc_port = null
      domain!.domain_id = target!.next_domain++
      return stays('running')
    }
    case 'reboot': domain!.started_at = nowMs; return stays('running')
    default: return stays('running')
  }

  function stays(state: VmState): Ending {
    domain!.state = state
    return { domain: 'keep', saved: null, error: null }
  }
  function gone(saved: 0 | 1 | null): Ending {
    return { domain: 'remove', saved, error: null }
  }
}

const stateWords: Record<string, VmState> = {
  booting: 'initializing', restoring: 'resuming', saving: 'suspending',
}

/** What a server reports of a guest from its domain. */
export function factsOf(vmId: string, state: string, domain: DomainRow | undefined): GuestFacts {
  return {
    vmId, state: (stateWords[state] ?? state) as VmState, serverId: domain?.host_id ?? null, domainId: domain?.domain_id ?? null,
    vncPort: domain?.vnc_port ?? null, startedAtMs: domain?.started_at ?? null,
  }
}
