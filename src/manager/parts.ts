import type { PoolAgent } from '../agent/protocol.js'
import type { Clock, Newcomers, PowerPort } from '../host/ports.js'
import type { Store } from '../store/store.js'
import type { LoginDesk } from './people/logins.js'
import type { ServerDirectory } from './server-directory.js'
import type { Stir } from './stir.js'

/** A server that joins a pool. */
export interface Joining { id: string; name: string }

/** How the manager reaches the farm: one channel a pool, to its master, and the power port of a server that is off. */
export interface Masters {
  /** The agent of a pool's master; its calls may reject with agent.unreachable or agent.no-answer. */
  of(poolId: string): Promise<PoolAgent>
  /** The agent of a server that is to be a pool's master, before the records say so: it speaks for itself, for the members that they know, and for those that join. */
  under(poolId: string, master: Joining, others?: readonly Joining[]): Promise<PoolAgent>
  /** The power port of a server: the one exception from speaking to masters only (model.md, rule 6). */
  power(serverId: string): PowerPort
  /** A server that is to be the first of its pool: it becomes the master, so the manager speaks to it itself. */
  readonly newcomers: Newcomers
  /** Servers that have something to tell which nobody has acknowledged. */
  ringing(): Promise<string[]>
  /** These servers rang and did not answer when asked: they need not ring again for that. */
  heard(serverIds: readonly string[]): Promise<void>
}

/** What a manager works with. */
export interface Parts {
  farm: string
  store: Store
  masters: Masters
  clock: Clock
  directory: ServerDirectory
  stir: Stir
  logins: LoginDesk
}
