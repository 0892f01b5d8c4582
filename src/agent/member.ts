import type { GuestFacts, HostPorts, Outcome } from '../host/ports.js'
import { Refusal } from '../model/errors.js'
import type { AgentReply, AgentRequest } from './protocol.js'

/** The vm role of a server's agent: runs guests on its own server, asked by the pool's master only. */
export class MemberAgent {
  constructor(private readonly host: HostPorts) {}

  /** Begins the change on this server. A refusal is an answer; a defect is thrown. */
  async perform(request: AgentRequest): Promise<AgentReply> {
    try {
      await this.begin(request)
      return { job: request.job, error: null }
    } catch (error) {
      if (error instanceof Refusal) return { job: request.job, error: error.fault }
      throw error
    }
  }

  outcomes(): Promise<Outcome[]> {
    return this.host.hypervisor.outcomes()
  }

  acknowledge(jobs: readonly string[]): Promise<void> {
    return this.host.hypervisor.acknowledge(jobs)
  }

  known(jobs: readonly string[]): Promise<string[]> {
    return this.host.hypervisor.known(jobs)
  }

  inspect(vmIds: readonly string[]): Promise<GuestFacts[]> {
    return this.host.hypervisor.inspect(vmIds)
  }

  private begin(request: AgentRequest): Promise<void> {
    const { hypervisor } = this.host
    const { guest } = request
    switch (request.operation) {
      case 'start': return hypervisor.create(request, guest)
      case 'stop': return hypervisor.shutdown(request, guest.id, request.manner)
      case 'reboot': return hypervisor.reboot(request, guest.id)
      case 'pause': return hypervisor.pause(request, guest.id)
      case 'unpause': return hypervisor.unpause(request, guest.id)
      case 'suspend': return hypervisor.save(request, guest.id)
      case 'resume': return hypervisor.restore(request, guest)
      case 'migrate': {
        if (!request.targetServerId) throw new Refusal('agent.refused', `no target server for the migration of ${guest.name}`)
        return hypervisor.migrate(request, guest.id, request.targetServerId)
      }
    }
  }
}
