import { operationRow } from './operations.js'
import type { VmOperation } from './vm-states.js'

/** How much the farm does at once unless a run says less (cli.md, "Policy of a run"). */
export const farmLimits = { powerPerServer: 4, migrationsPerServer: 2, copiesPerRepository: 4 } as const

/** The limits that an operation counts against: `power` on its server, `migration` on source and target. */
export function limitKind(operation: VmOperation): 'power' | 'migration' | null {
  if (operation === 'migrate') return 'migration'
  return operationRow(`vm.${operation}`).way === 'guest' ? 'power' : null
}

/** Work under way, counted by server. */
export class Occupancy {
  private readonly power = new Map<string, number>()
  private readonly migrations = new Map<string, number>()

  /** Whether one more of this operation may begin on these servers. */
  allows(operation: VmOperation, ...serverIds: string[]): boolean {
    const kind = limitKind(operation)
    if (!kind) return true
    const counts = kind === 'power' ? this.power : this.migrations
    const limit = kind === 'power' ? farmLimits.powerPerServer : farmLimits.migrationsPerServer
    for (const id of serverIds) if ((counts.get(id) ?? 0) >= limit) return false
    return true
  }

  /** Counts an operation as begun. */
  begin(operation: VmOperation, ...serverIds: string[]): void {
    const kind = limitKind(operation)
    if (!kind) return
    const counts = kind === 'power' ? this.power : this.migrations
    for (const id of serverIds) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
}
