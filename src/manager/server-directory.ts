import type { Store } from '../store/store.js'
import { membershipsOf } from './memberships.js'

/** How many servers are asked for before all of them are read. */
const fewServers = 64

/** Which pool each server is in: read when it is asked for, few by few or all at once, and kept until servers change their pools. */
export class ServerDirectory {
  private readonly pools = new Map<string, string>()
  private complete = false
  private asOf: string | null = null

  constructor(private readonly store: Store) {}

  /** Server id → pool id, of these servers at least; one that there is not is left out. */
  poolOf(serverIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.store.read(async reader => {
      const now = await membershipsOf(reader)
      if (now !== this.asOf) {
        this.pools.clear()
        this.complete = false
        this.asOf = now
      }
      const unknown = this.complete ? [] : serverIds.filter(id => !this.pools.has(id))
      if (unknown.length === 0) return this.pools
      const all = unknown.length > fewServers
      const rows = await reader.select<{ id: string; poolId: string }>({ id: 'id', poolId: 'pool_id' }, all ? 'from server' : 'from server where id in (select value from json_each(?))', all ? [] : [JSON.stringify(unknown)])
      for (const { id, poolId } of rows) this.pools.set(id, poolId)
      this.complete = all
      return this.pools
    })
  }
}
