import type { PoolAgent } from '../agent/protocol.js'
import type { Clock } from '../host/ports.js'
import type { Store } from '../store/store.js'

/** The masters of the farm's pools: one channel a pool, opened when it is first used. */
export interface Masters {
  /** The agent of a pool's master. */
  of(poolId: string): Promise<PoolAgent>
}

/** What a manager works with. */
export interface Parts {
  farm: string
  store: Store
  masters: Masters
  clock: Clock
}
