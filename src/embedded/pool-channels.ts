import type { PoolAgent } from '../agent/protocol.js'
import { membershipsOf } from '../manager/memberships.js'
import type { Store } from '../store/store.js'

/** The channels of a manager, one a pool, each opened when it is first needed, and anew when pools have changed their members or masters. */
export class PoolChannels {
  private readonly open = new Map<string, Promise<PoolAgent>>()
  private asOf: string | null = null
  /** what those who ask at one moment find out together */
  private looking: Promise<string> | null = null

  constructor(private readonly repository: Store, private readonly channelOf: (poolId: string) => Promise<PoolAgent>) {}

  /** The agent of a pool's master. */
  async of(poolId: string): Promise<PoolAgent> {
    this.looking ??= this.repository.read(membershipsOf).finally(() => { this.looking = null })
    const now = await this.looking
    if (now !== this.asOf) {
      this.open.clear()
      this.asOf = now
    }
    let channel = this.open.get(poolId)
    if (!channel) this.open.set(poolId, (channel = this.channelOf(poolId)))
    return channel
  }
}
