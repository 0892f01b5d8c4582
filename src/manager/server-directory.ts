import type { Store } from '../store/store.js'

/** Which pool each server is in: read when it is first asked for, since most commands never do. */
export class ServerDirectory {
  private pools: Promise<ReadonlyMap<string, string>> | null = null

  constructor(private readonly store: Store) {}

  /** Server id → pool id. */
  poolOf(): Promise<ReadonlyMap<string, string>> {
    this.pools ??= this.store.read(async reader => new Map((await reader.select<{ id: string; poolId: string }>({ id: 'id', poolId: 'pool_id' }, 'from server')).map(row => [row.id, row.poolId])))
    return this.pools
  }
}
