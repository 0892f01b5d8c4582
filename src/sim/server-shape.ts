import type { HostRow } from './schema.js'

/** A server of the presets, and one that appears at an address where there was none: cores, memory in MiB (simulation.md, "Presets"). */
export const serverShape = { cores: 8, memoryMiB: 65_536, cpuFamily: '6', cpuModel: '26', release: '2.2', agentVersion: '2.3' } as const

/** The disk that the root repository of a pool is made on: the server's own, or one that all servers of the pool reach (simulation.md, "Presets"). */
export const rootDevice = '/dev/sdb1'

/** The address of the n-th server, from 0, in the n-th pool, from 1 (simulation.md, "Presets"). */
export function addressOf(pool: number, at: number): string {
  return `10.${pool}.0.${at + 1}`
}

/** A server as it comes: up, nobody's, and its agent wants no password. */
export function newHost(id: string, address: string): HostRow {
  return {
    id, name: address, pool_id: null, memory_mib: serverShape.memoryMiB, hvm: 1, power: 'on', next_domain: 1, address, cores: serverShape.cores, cpu_family: serverShape.cpuFamily, cpu_model: serverShape.cpuModel,
    release: serverShape.release, agent_version: serverShape.agentVersion, owner: null, roles: '[]', password: null, next_password: null, next_job: null, agent: 'running',
  }
}
