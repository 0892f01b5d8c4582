import type { FileWork, GuestConfig, ShutdownManner, WorkTicket } from '../host/ports.js'
import { Refusal, type Fault } from '../model/errors.js'
import { guestCrashed } from './mishaps.js'
import { dom0MemoryMiB } from '../model/placement.js'
import { newActivity } from './activity.js'
import { bytesPerMiB } from './bandwidth.js'
import { breakHalfWay } from './copy-failure.js'
import type { ActiveFaults } from './faults.js'
import { bootMs, diskResource, physics, shutdownCourse } from './physics.js'
import { beginPower } from './power-orders.js'
import { beginFileWork } from './file-orders.js'
import type { ActivityRow, DomainRow, FetchRow, FileRow, HostRow, RepositoryRow } from './schema.js'

/** Something that a server's hypervisor is told to begin. */
export interface GuestOrder {
  kind: 'create' | 'shutdown' | 'reboot' | 'pause' | 'unpause' | 'save' | 'restore' | 'migrate' | 'adjust'
  hostId: string
  ticket: WorkTicket
  vmId: string
  guest: GuestConfig | null
  manner: ShutdownManner | null
  targetHostId: string | null
}

/** Something that a server's management controller is told to begin, to its power or to the service of its agent. */
export interface PowerOrder {
  kind: 'power-on' | 'power-off' | 'power-cycle' | 'agent-start' | 'agent-stop' | 'agent-restart'
  hostId: string
  ticket: WorkTicket
}

/** Something that a server is told to do with files in repositories. */
export interface FileOrder {
  kind: 'files'
  hostId: string
  ticket: WorkTicket
  work: FileWork
}

export type Order = GuestOrder | PowerOrder | FileOrder

/** Whether an order goes to the hypervisor. */
export function isGuestOrder(order: Order): order is GuestOrder {
  return 'vmId' in order
}

/** Whether an order is work on files. */
export function isFileOrder(order: Order): order is FileOrder {
  return order.kind === 'files'
}

/** Whether an order goes to the management controller. */
export function isPowerOrder(order: Order): order is PowerOrder {
  return !isGuestOrder(order) && !isFileOrder(order)
}

/** The part of the world that a set of orders needs, and what they changed of it. */
export interface Scene {
  nowMs: number
  hosts: Map<string, HostRow>
  files: Map<string, FileRow>
  /** MiB that are free in the repositories that orders write to */
  room: Map<string, number>
  madeFiles: FileRow[]
  changedFiles: Set<FileRow>
  /** repositories, where work on files or a copy of a guest's memory is ordered */
  repositories: Map<string, RepositoryRow>
  madeRepositories: RepositoryRow[]
  changedRepositories: Set<RepositoryRow>
  /** files that are fetched: what begins, what is under way of objects that are to be cleared, and what of that is cut */
  fetches: { begun: FetchRow[]; underWay: ActivityRow[]; cut: ActivityRow[] }
  domains: Map<string, DomainRow>
  /** memory in use by guests on a host, in MiB */
  memoryUsed: Map<string, number>
  /** VNC ports in use on a host */
  vncPorts: Map<string, Set<number>>
  created: DomainRow[]
  changed: Set<DomainRow>
  changedHosts: Set<HostRow>
  activities: ActivityRow[]
  faults: ActiveFaults
  /** hosts whose power is changing */
  powerChanging: Set<string>
}

/**
 * Begins one order in a scene: checks it against the world, reserves what it needs, and adds its activity. Pure but for the
 * scene it is given; nothing but the occasions of faults is changed when it throws.
 * @throws Refusal agent.refused, agent.unreachable, capacity.memory, capacity.space, vm.missing, vm.locked
 */
export function beginOrder(scene: Scene, order: Order): void {
  if (isFileOrder(order)) beginFileWork(scene, order)
  else if (isPowerOrder(order)) beginPower(scene, order)
  else beginGuestOrder(scene, order)
}

function beginGuestOrder(scene: Scene, order: GuestOrder): void {
  const host = scene.hosts.get(order.hostId)
  if (!host || host.power !== 'on') throw new Refusal('agent.unreachable', `server ${host?.name ?? order.hostId} is not running`, 'server list shows which are')
  const domain = scene.domains.get(order.vmId)
  const activity = newActivity(order.kind, order.ticket.job, host.id, order.ticket.session, order.vmId)
  const after = (ms: number) => { activity.due_at = scene.nowMs + ms }
  const here = (): DomainRow => {
    if (domain && domain.host_id === host.id) return domain
    throw new Refusal('agent.refused', `there is no domain of guest ${order.vmId} on server ${host.name}`, `vm reset-status sets what the servers report`)
  }
  const become = (row: DomainRow, state: string) => { row.state = state; scene.changed.add(row) }
  switch (order.kind) {
    case 'create':
    case 'restore': {
      const row = newDomain(scene, host, order, domain)
      scene.domains.set(order.vmId, row)
      scene.created.push(row)
      if (order.kind === 'create' && scene.faults.strike('guest-crash', order.vmId)) {
        after(bootMs(row.type) / 2)
        activity.error = JSON.stringify(guestCrashed)
      } else if (order.kind === 'create') after(bootMs(row.type))
      else copy(scene, activity, row)
      break
    }
    case 'shutdown': {
      if (!domain && scene.files.get(order.vmId)?.saved) after(physics.forcedShutdownMs)
      else {
        const row = here()
        if (row.state === 'paused' && !order.manner!.force) throw new Refusal('agent.refused', `guest ${order.vmId} is paused and cannot shut down`)
        const course = shutdownCourse(order.manner!, !order.manner!.force && scene.faults.strike('guest-hang', order.vmId))
        after(course.ms)
        if (!course.down) activity.error = JSON.stringify(shutdownIgnored)
        become(row, 'shutting-down')
      }
      break
    }
    case 'reboot': {
      const row = here()
      if (!scene.faults.strike('guest-hang', order.vmId)) after(physics.shutdownMs + bootMs(row.type))
      else {
        after(physics.rebootGraceMs)
        activity.error = JSON.stringify(shutdownIgnored)
      }
      become(row, 'rebooting')
      break
    }
    case 'adjust': {
      adjust(scene, host, here(), order.guest!)
      activity.ended_at = scene.nowMs
      break
    }
    case 'pause': after(physics.pauseMs); become(here(), 'pausing'); break
    case 'unpause': after(physics.pauseMs); become(here(), 'unpausing'); break
    case 'save': {
      const row = here()
      copy(scene, activity, row)
      become(row, 'saving')
      break
    }
    case 'migrate': {
      const row = here()
      const target = scene.hosts.get(order.targetHostId!)
      if (!target || target.power !== 'on') throw new Refusal('agent.unreachable', `target server ${target?.name ?? order.targetHostId} is not running`)
      checkLock(scene, order.vmId)
      takeMemory(scene, target, row.memory_mib)
      row.target_host_id = target.id
      row.target_vnc_port = takePort(scene, target.id)
      activity.target_host_id = target.id
      flow(activity, `net:${host.id}`, `net:${target.id}`, row.memory_mib, 0)
      become(row, 'migrating')
      break
    }
  }
  scene.activities.push(activity)
}

/** Gives a domain other memory and virtual CPUs; that is done at once. */
function adjust(scene: Scene, host: HostRow, row: DomainRow, { name, memoryMiB, vcpus }: GuestConfig): void {
  if (row.state !== 'running') throw new Refusal('agent.refused', `guest ${name} is ${row.state} on server ${host.name}`, 'vm reset-status sets what the servers report')
  if (memoryMiB > row.most_memory_mib || vcpus > row.most_vcpus) throw new Refusal('agent.refused', `guest ${name} booted with ${row.most_memory_mib} MiB and ${row.most_vcpus} virtual CPUs, and gets no more while it runs`, `vm stop ${name} first`)
  takeMemory(scene, host, memoryMiB - row.memory_mib)
  Object.assign(row, { memory_mib: memoryMiB, vcpus } satisfies Partial<DomainRow>)
  scene.changed.add(row)
}

const shutdownIgnored: Fault = { code: 'vm.shutdown-timeout', message: 'the guest did not go down within its grace time and stays running', hint: 'give it longer with --grace, or --force-after', details: null }

/** The memory of a guest on its way to or from its repository. */
function copy(scene: Scene, activity: ActivityRow, row: DomainRow): void {
  const repoId = scene.files.get(row.vm_id)!.repo_id
  flow(activity, diskResource(repoId, scene.repositories.get(repoId)?.qos ?? null), null, row.memory_mib, physics.saveTailMs)
  if (scene.faults.strike('copy-fail', row.vm_id, repoId)) breakHalfWay(activity, row.memory_mib, scene.nowMs)
}

function checkLock(scene: Scene, vmId: string): void {
  if (scene.faults.strike('lock-stuck', vmId)) throw new Refusal('vm.locked', "the cluster's lock on the files of the guest does not come free", 'try again later')
}

function flow(activity: ActivityRow, resource1: string, resource2: string | null, memoryMiB: number, tailMs: number): void {
  activity.resource1 = resource1
  activity.resource2 = resource2
  activity.remaining = memoryMiB * bytesPerMiB
  activity.tail_ms = tailMs
}

function newDomain(scene: Scene, host: HostRow, order: GuestOrder, existing: DomainRow | undefined): DomainRow {
  const guest = order.guest!
  const file = scene.files.get(order.vmId)
  if (!file?.whole) throw new Refusal('vm.missing', `the files of guest ${guest.name} are in no repository of server ${host.name}`)
  // The lock on the guest's files in the shared repository: whoever holds it runs the guest (model.md, first invariant).
  if (existing) throw new Refusal('agent.refused', `guest ${guest.name} is locked: it has a domain on a server already`, `vm reset-status ${guest.name} sets what the servers report`)
  if (guest.type === 'hvm' && !host.hvm) throw new Refusal('agent.refused', `server ${host.name} has no hardware virtualization`)
  if (order.kind === 'restore' && !file.saved) throw new Refusal('agent.refused', `guest ${guest.name} has no saved image`)
  checkLock(scene, order.vmId)
  takeMemory(scene, host, guest.memoryMiB)
  scene.changedHosts.add(host)
  return {
    vm_id: order.vmId, host_id: host.id, target_host_id: null, domain_id: host.next_domain++, vnc_port: takePort(scene, host.id), target_vnc_port: null,
    state: order.kind === 'create' ? 'booting' : 'restoring', type: guest.type, memory_mib: guest.memoryMiB, vcpus: guest.vcpus, most_memory_mib: guest.memoryMiB, most_vcpus: guest.vcpus, started_at: scene.nowMs,
  }
}

/** The first free VNC port of a host (seed: each guest's frame buffer has its own, from 5900). */
function takePort(scene: Scene, hostId: string): number {
  const ports = scene.vncPorts.get(hostId) ?? new Set<number>()
  scene.vncPorts.set(hostId, ports)
  let port = 5900
  while (ports.has(port)) port++
  ports.add(port)
  return port
}

function takeMemory(scene: Scene, host: HostRow, memoryMiB: number): void {
  const used = scene.memoryUsed.get(host.id) ?? 0
  const free = host.memory_mib - dom0MemoryMiB - used
  if (memoryMiB > free) throw new Refusal('capacity.memory', `server ${host.name} has ${free} MiB free, ${memoryMiB} are needed`)
  scene.memoryUsed.set(host.id, used + memoryMiB)
}
