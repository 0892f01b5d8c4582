import type { VmOperation } from './vm-states.js'

/** How much the farm does at once unless a run says less (cli.md, "Policy of a run"). */
export const farmLimits = { powerPerServer: 4, migrationsPerServer: 2, copiesPerRepository: 4 } as const

/** The limits that an operation counts against: `power` on its server, `migration` on source and target. */
export function limitKind(operation: VmOperation): 'power' | 'migration' | null {
  if (operation === 'migrate') return 'migration'
  return operation === 'reset-status' ? null : 'power'
}

/** Work under way, by `power:SERVER` and `migration:SERVER`. */
export class Occupancy {
  private readonly counts = new Map<string, number>()

  /** Whether one more of this operation may begin on these servers. */
  allows(operation: VmOperation, serverIds: readonly string[]): boolean {
    const kind = limitKind(operation)
    if (!kind) return true
    const limit = kind === 'power' ? farmLimits.powerPerServer : farmLimits.migrationsPerServer
    return serverIds.every(id => (this.counts.get(`${kind}:${id}`) ?? 0) < limit)
  }

  /** Counts an operation as begun. */
  begin(operation: VmOperation, serverIds: readonly string[]): void {
    const kind = limitKind(operation)
    if (kind) for (const id of serverIds) this.counts.set(`${kind}:${id}`, (this.counts.get(`${kind}:${id}`) ?? 0) + 1)
  }
}
