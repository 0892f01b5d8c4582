import type { AgentReply, AgentRequest, PoolAgent } from '../agent/protocol.js'
import type { Clock, GuestFacts, Moment, Outcome } from '../host/ports.js'
import { vmTransition } from '../model/vm-states.js'
import type { Masters } from './parts.js'

/**
 * The agents and the clock of a dry run: every change succeeds at once. With them the very code of a run works on a fork of
 * the store, so that a dry run reserves capacity and refuses exactly as the run would.
 */
export class Assumption implements Masters, Clock, PoolAgent {
  private pending: Outcome[] = []

  constructor(private readonly time: number) {}

  async of(): Promise<PoolAgent> {
    return this
  }

  async dispatch(requests: readonly AgentRequest[]): Promise<AgentReply[]> {
    for (const request of requests) {
      const state = vmTransition(request.operation).to!
      const off = state === 'powered-off' || state === 'suspended'
      this.pending.push({
        job: request.job, serverId: request.serverId, endedAtMs: this.time, error: null,
        facts: { vmId: request.guest.id, state, serverId: off ? null : (request.targetServerId ?? request.serverId), domainId: null, vncPort: null, startedAtMs: off ? null : this.time },
      })
    }
    return requests.map(({ job }) => ({ job, error: null }))
  }

  async outcomes(serverIds: readonly string[]): Promise<Outcome[]> {
    const here = new Set(serverIds)
    const [now, later] = [this.pending.filter(outcome => here.has(outcome.serverId)), this.pending.filter(outcome => !here.has(outcome.serverId))]
    this.pending = later
    return now
  }

  async acknowledge(): Promise<void> {}

  async known(): Promise<string[]> {
    return this.pending.map(outcome => outcome.job)
  }

  async inspect(): Promise<GuestFacts[]> {
    return []
  }

  async nowMs(): Promise<number> {
    return this.time
  }

  async openSession(): Promise<string> {
    return 'assumed'
  }

  async closeSession(): Promise<void> {}

  async wait(): Promise<Moment> {
    return { nowMs: this.time, serverIds: [...new Set(this.pending.map(outcome => outcome.serverId))], idle: this.pending.length === 0 }
  }

  async living(sessions: readonly string[]): Promise<string[]> {
    return [...sessions]
  }
}
