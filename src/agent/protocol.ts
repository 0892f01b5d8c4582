import type { GuestConfig, GuestFacts, Outcome, ShutdownManner } from '../host/ports.js'
import type { Fault } from '../model/errors.js'
import type { VmOperation } from '../model/vm-states.js'

/** One change that the manager asks of a pool's master. */
export interface AgentRequest {
  job: string
  session: string | null
  operation: Exclude<VmOperation, 'reset-status'>
  guest: GuestConfig
  serverId: string
  targetServerId: string | null
  manner: ShutdownManner
}

/** The answer: begun, or refused with the reason. */
export interface AgentReply {
  job: string
  error: Fault | null
}

/** What the manager says to a pool's master, and nobody else (model.md, rule 6); what the wire carries later. */
export interface PoolAgent {
  dispatch(requests: readonly AgentRequest[]): Promise<AgentReply[]>
  outcomes(serverIds: readonly string[]): Promise<Outcome[]>
  acknowledge(done: readonly { job: string; serverId: string }[]): Promise<void>
  /** Of these jobs, those that some server of the pool knows. */
  known(jobs: readonly string[]): Promise<string[]>
  inspect(vmIds: readonly string[]): Promise<GuestFacts[]>
}
