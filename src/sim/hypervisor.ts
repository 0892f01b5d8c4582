import type { GuestConfig, GuestInspection, Hypervisor, Notice, Outcome, ShutdownManner, WorkTicket } from '../host/ports.js'
import type { GuestOrder } from './orders.js'
import type { World } from './world.js'

/** The hypervisor of a simulated server. */
export class SimHypervisor implements Hypervisor {
  constructor(private readonly world: World, private readonly hostId: string) {}

  create(ticket: WorkTicket, guest: GuestConfig): Promise<void> {
    return this.order('create', ticket, guest.id, { guest })
  }

  shutdown(ticket: WorkTicket, vmId: string, manner: ShutdownManner): Promise<void> {
    return this.order('shutdown', ticket, vmId, { manner })
  }

  reboot(ticket: WorkTicket, vmId: string): Promise<void> {
    return this.order('reboot', ticket, vmId)
  }

  pause(ticket: WorkTicket, vmId: string): Promise<void> {
    return this.order('pause', ticket, vmId)
  }

  unpause(ticket: WorkTicket, vmId: string): Promise<void> {
    return this.order('unpause', ticket, vmId)
  }

  save(ticket: WorkTicket, vmId: string): Promise<void> {
    return this.order('save', ticket, vmId)
  }

  restore(ticket: WorkTicket, guest: GuestConfig): Promise<void> {
    return this.order('restore', ticket, guest.id, { guest })
  }

  migrate(ticket: WorkTicket, vmId: string, targetServerId: string): Promise<void> {
    return this.order('migrate', ticket, vmId, { targetHostId: targetServerId })
  }

  adjust(ticket: WorkTicket, guest: GuestConfig): Promise<void> {
    return this.order('adjust', ticket, guest.id, { guest })
  }

  outcomes(): Promise<Outcome[]> {
    return this.world.outcomesOn(this.hostId)
  }

  async acknowledge(jobs: readonly string[]): Promise<void> {
    this.world.acknowledge(jobs)
  }

  known(jobs: readonly string[]): Promise<string[]> {
    return this.world.knownOn(this.hostId, jobs, 'guests')
  }

  abort(jobs: readonly string[]): Promise<string[]> {
    return this.world.abort(this.hostId, jobs)
  }

  inspect(vmIds: readonly string[]): Promise<GuestInspection[]> {
    return this.world.inspect(this.hostId, vmIds)
  }

  notices(): Promise<Notice[]> {
    return this.world.noticesOn(this.hostId)
  }

  async acknowledgeNotices(ids: readonly number[]): Promise<void> {
    this.world.acknowledgeNotices(ids)
  }

  private order(kind: GuestOrder['kind'], ticket: WorkTicket, vmId: string, rest: Partial<GuestOrder> = {}): Promise<void> {
    return this.world.submit({ kind, hostId: this.hostId, ticket: { job: ticket.job, session: ticket.session }, vmId, guest: null, manner: null, targetHostId: null, ...rest })
  }
}
