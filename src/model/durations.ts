import { operationRow, type RunOperation } from './operations.js'

/** What an expectation looks at. */
export interface Work { operation: RunOperation; force: boolean; type: 'pv' | 'hvm'; /** of work on files: what is copied */ memoryMiB: number }

const bytesPerMiB = 1_048_576

/**
 * How long an operation is expected to take before any was seen, in milliseconds (simulation.md, "Physics"); what was seen
 * corrects it by a factor.
 */
export function nominalMs({ operation, force, type, memoryMiB }: Work): number {
  const bootMs = type === 'hvm' ? 45_000 : 30_000
  switch (operation) {
    case 'vm.start': return bootMs
    case 'vm.stop': return force ? 1_000 : 10_000
    case 'vm.reboot': return 10_000 + bootMs
    case 'vm.pause':
    case 'vm.unpause': return 300
    case 'vm.suspend':
    case 'vm.resume': return Math.ceil((memoryMiB * bytesPerMiB) / 200_000) + 2_000
    case 'vm.migrate': return Math.ceil((memoryMiB * bytesPerMiB) / 100_000)
    case 'server.start': return 180_000
    case 'server.stop': return 30_000
    case 'server.restart': return 210_000
    case 'repo.add': return 10_000
    case 'agent.start': return 3_000
    case 'agent.stop': return 1_000
    case 'agent.restart': return 4_000
    default: return operationRow(operation).way === 'files' ? Math.ceil((memoryMiB * bytesPerMiB) / 200_000) + 1_000 : 0
  }
}

/** How much longer than nominal the work seen has taken on average; 1 when none was seen. */
export function seenFactor(seen: readonly { tookMs: number; nominalMs: number }[]): number {
  const ratios = seen.filter(one => one.nominalMs > 0 && one.tookMs >= 0).map(one => one.tookMs / one.nominalMs)
  return ratios.length === 0 ? 1 : ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
}
