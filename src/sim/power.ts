import type { AgentService, PowerOutcome, PowerPort, ServerPower, WorkTicket } from '../host/ports.js'
import type { PowerOrder } from './orders.js'
import type { World } from './world.js'

/** The management port of a simulated server. */
export class SimPower implements PowerPort {
  constructor(private readonly world: World, private readonly hostId: string) {}

  on(ticket: WorkTicket): Promise<void> {
    return this.order('power-on', ticket)
  }

  off(ticket: WorkTicket): Promise<void> {
    return this.order('power-off', ticket)
  }

  cycle(ticket: WorkTicket): Promise<void> {
    return this.order('power-cycle', ticket)
  }

  startAgent(ticket: WorkTicket): Promise<void> {
    return this.order('agent-start', ticket)
  }

  stopAgent(ticket: WorkTicket): Promise<void> {
    return this.order('agent-stop', ticket)
  }

  restartAgent(ticket: WorkTicket): Promise<void> {
    return this.order('agent-restart', ticket)
  }

  agent(): Promise<AgentService> {
    return this.world.agentOf(this.hostId)
  }

  status(): Promise<ServerPower> {
    return this.world.powerOf(this.hostId)
  }

  outcomes(): Promise<PowerOutcome[]> {
    return this.world.powerOutcomesOn(this.hostId)
  }

  async acknowledge(jobs: readonly string[]): Promise<void> {
    this.world.acknowledge(jobs)
  }

  known(jobs: readonly string[]): Promise<string[]> {
    return this.world.knownOn(this.hostId, jobs, 'power')
  }

  private order(kind: PowerOrder['kind'], ticket: WorkTicket): Promise<void> {
    return this.world.submit({ kind, hostId: this.hostId, ticket: { job: ticket.job, session: ticket.session } })
  }
}
