import type { ErrorCode } from './errors.js'
import type { ServerState } from './object-states.js'

/** Virtual CPUs that a core carries at most (model.md, rule 4). */
export const vcpusPerCore = 8
/** Memory that dom0 keeps for itself, in MiB (model.md, "Server"). */
export const dom0MemoryMiB = 1_024

/** What placement knows of a server; `place` takes from the free amounts. */
export interface Candidate {
  id: string
  name: string
  state: ServerState
  runsGuests: boolean
  hvm: boolean
  memoryFreeMiB: number
  vcpusFree: number
}

/** What a guest asks of the server that is to run it. */
export interface Demand {
  memoryMiB: number
  vcpus: number
  hvm: boolean
  /** ids of servers to be tried first */
  preferredServerIds: readonly string[]
}

/** Why no server can take a guest. */
export interface NoRoom {
  code: Extract<ErrorCode, `capacity.${string}`>
  message: string
  hint: string
}

/** Whether a server may take guests at all now: vm role, active, not in maintenance. */
export function takesGuests(server: Candidate): boolean {
  return server.runsGuests && server.state === 'active'
}

/** Whether a server that may take guests has room for this one. */
export function fits(server: Candidate, demand: Demand): boolean {
  return takesGuests(server) && server.memoryFreeMiB >= demand.memoryMiB && server.vcpusFree >= demand.vcpus && (server.hvm || !demand.hvm)
}

/**
 * The server for a guest (model.md, rule 4): among those that fit the preferred first, then most free memory, then name.
 * One function for start, resume, migration, HA, evacuation, capacity and rehearsal.
 */
export function place(servers: readonly Candidate[], demand: Demand): Candidate | NoRoom {
  let best: Candidate | undefined
  for (const server of servers) {
    if (fits(server, demand) && (best === undefined || isBetter(server, best, demand))) best = server
  }
  return best ?? whyNoRoom(servers, demand)
}

/** Whether placement found a server. */
export function isPlaced(answer: Candidate | NoRoom): answer is Candidate {
  return 'id' in answer
}

function isBetter(a: Candidate, b: Candidate, demand: Demand): boolean {
  const preferred = Number(demand.preferredServerIds.includes(a.id)) - Number(demand.preferredServerIds.includes(b.id))
  if (preferred !== 0) return preferred > 0
  if (a.memoryFreeMiB !== b.memoryFreeMiB) return a.memoryFreeMiB > b.memoryFreeMiB
  return a.name < b.name
}

function whyNoRoom(servers: readonly Candidate[], demand: Demand): NoRoom {
  const able = servers.filter(server => takesGuests(server) && (server.hvm || !demand.hvm))
  if (able.length === 0) {
    return { code: 'capacity.server', message: demand.hvm ? 'no active server of the pool runs hvm guests' : 'no active server of the pool runs guests', hint: 'server list --pool shows states and roles' }
  }
  const most = Math.max(...able.map(server => server.memoryFreeMiB))
  if (most < demand.memoryMiB) {
    return { code: 'capacity.memory', message: `${demand.memoryMiB} MiB wanted, at most ${most} MiB free on one server`, hint: 'stop or migrate a guest, or add a server' }
  }
  const vcpus = Math.max(...able.filter(server => server.memoryFreeMiB >= demand.memoryMiB).map(server => server.vcpusFree))
  return { code: 'capacity.vcpus', message: `${demand.vcpus} virtual CPUs wanted, at most ${vcpus} free on a server with the memory`, hint: 'stop or migrate a guest, or add a server' }
}

/** Takes the guest's share from a server's free amounts. */
export function reserve(server: Candidate, demand: Pick<Demand, 'memoryMiB' | 'vcpus'>): void {
  server.memoryFreeMiB -= demand.memoryMiB
  server.vcpusFree -= demand.vcpus
}
