import type { GuestInspection, HostPorts, Membership, MountedRepository, Notice, Outcome, ServerFacts, StoredFiles, Survey, FetchOrder, FetchProgress, LyingFiles } from '../host/ports.js'
import { Refusal } from '../model/errors.js'
import type { AgentReply, AgentRequest, MemberLink, Rekeyed, Rekeying, Measured } from './protocol.js'
import type { TargetKind } from '../model/operations/row.js'

/** The vm role of a server's agent: runs guests on its own server, asked by the pool's master only. */
export class MemberAgent implements MemberLink {
  constructor(private readonly host: HostPorts) {}

  /** Begins the change on this server. A refusal is an answer; a defect is thrown. */
  async perform(request: AgentRequest): Promise<AgentReply> {
    try {
      await this.begin(request)
      return { job: request.job, answer: 'begun', error: null }
    } catch (error) {
      if (error instanceof Refusal) return { job: request.job, answer: 'refused', error: error.fault }
      throw error
    }
  }

  async report(): Promise<{ outcomes: Outcome[]; notices: Notice[]; fetching: FetchProgress[] }> {
    const [outcomes, notices, fetching] = await Promise.all([this.host.hypervisor.outcomes(), this.host.hypervisor.notices(), this.host.storage.fetching()])
    return { outcomes, notices, fetching }
  }

  async acknowledge(jobs: readonly string[], notices: readonly number[]): Promise<void> {
    if (jobs.length > 0) await this.host.hypervisor.acknowledge(jobs)
    if (notices.length > 0) await this.host.hypervisor.acknowledgeNotices(notices)
  }

  known(jobs: readonly string[]): Promise<string[]> {
    return this.host.hypervisor.known(jobs)
  }

  abort(jobs: readonly string[]): Promise<string[]> {
    return this.host.hypervisor.abort(jobs)
  }

  inspect(vmIds: readonly string[]): Promise<GuestInspection[]> {
    return this.host.hypervisor.inspect(vmIds)
  }

  describe(): Promise<ServerFacts> {
    return this.host.enrolment.facts()
  }

  enrol(membership: Membership | null): Promise<void> {
    return this.host.enrolment.enrol(membership)
  }

  wipe(poolId: string): Promise<void> {
    return this.host.storage.wipe(poolId)
  }

  mounted(): Promise<MountedRepository[]> {
    return this.host.storage.mounted()
  }

  contents(repoId: string): Promise<StoredFiles[]> {
    return this.host.storage.contents(repoId)
  }

  survey(password: string | null): Promise<Survey> {
    return this.host.surveyor.survey(password)
  }

  async rekey({ serverId, job, step, old, next, dry }: Rekeying): Promise<Rekeyed> {
    const { keys } = this.host
    try {
      if (step === 'offer') return { serverId, error: null, ...(await keys.offer({ job, old, next }, dry ?? false)) }
      await keys[step](job)
      return { serverId, error: null, same: false }
    } catch (error) {
      if (error instanceof Refusal) return { serverId, error: error.fault, same: false }
      throw error
    }
  }

  async measure(order: FetchOrder): Promise<Measured> {
    try {
      return { bytes: await this.host.storage.measure(order) }
    } catch (error) {
      if (error instanceof Refusal) return { error: error.fault }
      throw error
    }
  }

  stored(kinds: readonly TargetKind[]): Promise<LyingFiles[]> {
    return this.host.storage.stored(kinds)
  }

  private begin(request: AgentRequest): Promise<void> {
    const { hypervisor, storage, power } = this.host
    switch (request.operation) {
      case 'files': return storage.begin(request, request.work)
      case 'server.stop': return power.off(request)
      case 'server.restart': return power.cycle(request)
      case 'agent.stop': return power.stopAgent(request)
      case 'agent.restart': return power.restartAgent(request)
      case 'vm.start': return hypervisor.create(request, request.guest)
      case 'vm.stop': return hypervisor.shutdown(request, request.guest.id, request.manner)
      case 'vm.reboot': return hypervisor.reboot(request, request.guest.id)
      case 'vm.pause': return hypervisor.pause(request, request.guest.id)
      case 'vm.unpause': return hypervisor.unpause(request, request.guest.id)
      case 'vm.suspend': return hypervisor.save(request, request.guest.id)
      case 'vm.update': return hypervisor.adjust(request, request.guest)
      case 'vm.resume': return hypervisor.restore(request, request.guest)
      case 'vm.migrate': {
        if (!request.targetServerId) throw new Refusal('agent.refused', `no target server for the migration of ${request.guest.name}`)
        return hypervisor.migrate(request, request.guest.id, request.targetServerId)
      }
    }
  }
}
