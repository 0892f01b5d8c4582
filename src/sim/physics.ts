import type { ShutdownManner } from '../host/ports.js'
import { qosFactor, type QosClass } from '../model/repositories.js'

/** Physics of the simulated farm (simulation.md, "Physics"): milliseconds, and bytes a second. */
export const physics = {
  bootPvMs: 30_000,
  bootHvmMs: 45_000,
  shutdownMs: 10_000,
  forcedShutdownMs: 1_000,
  pauseMs: 300,
  saveTailMs: 2_000,
  /** making or removing files, whatever their size, and what follows when bytes were copied; the design gives none */
  fileMs: 1_000,
  /** making a file system on a device and mounting it on every member, whatever its size; the design gives none */
  repositoryMs: 10_000,
  serverBootMs: 180_000,
  /** the design gives none */
  serverShutdownMs: 30_000,
  /** the service of the agent; the design gives none */
  agentStartMs: 3_000,
  agentStopMs: 1_000,
  /** how long the shutdown half of a reboot waits for the guest: the default grace of a stop */
  rebootGraceMs: 60_000,
  diskBytesPerSecond: 200_000_000,
  networkBytesPerSecond: 100_000_000,
} as const

/** How long a guest boots, in milliseconds. */
export function bootMs(type: 'pv' | 'hvm'): number {
  return type === 'hvm' ? physics.bootHvmMs : physics.bootPvMs
}

/** The shared resource that a repository is; its class of service stands in the name, since all that is done to it depends on that. */
export function diskResource(repoId: string, qos: QosClass | null): string {
  return qos === null ? `disk:${repoId}` : `disk:${repoId}@${qos}`
}

/** Bytes a second that a shared resource carries in all: `disk:REPOSITORY[@CLASS]`, `net:SERVER`. */
export function capacityOf(resource: string): number {
  if (!resource.startsWith('disk:')) return physics.networkBytesPerSecond
  const at = resource.indexOf('@')
  return physics.diskBytesPerSecond * qosFactor(at < 0 ? null : (resource.slice(at + 1) as QosClass))
}

/** When and how a shutdown ends: after `ms`, down or still up because its grace time ran out; a guest that hangs ignores it. */
export function shutdownCourse(manner: ShutdownManner, hangs: boolean): { ms: number; down: boolean } {
  if (manner.force) return { ms: physics.forcedShutdownMs, down: true }
  const patienceMs = manner.forceAfterMs ?? manner.graceMs
  if (!hangs && physics.shutdownMs <= patienceMs) return { ms: physics.shutdownMs, down: true }
  return manner.forceAfterMs === null ? { ms: manner.graceMs, down: false } : { ms: manner.forceAfterMs + physics.forcedShutdownMs, down: true }
}
