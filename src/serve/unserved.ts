import type { Unserved } from '../wsapi/listen.js'
import { peerOf } from '../wsapi/peer.js'
import type { Journal } from './journal.js'
import type { Metrics } from './metrics.js'

/** How often the same of one peer is told, in milliseconds; and of how many it is remembered. */
const [toldMs, mostTold] = [60_000, 10_000]

/** Tells of connections that were let go without being served: one of a kind and peer a minute, with how many there were since the one before, so that whoever makes them by the thousand does not fill the log. */
export class UnservedConnections {
  private readonly told = new Map<string, { atMs: number; more: number }>()

  constructor(private readonly journal: Journal, private readonly metrics: Metrics, private readonly wallNowMs: () => number = Date.now) {}

  note(why: Unserved, address: string): void {
    this.metrics.add('ovmcli_connections_unserved_total', 1, { why })
    const key = `${why} ${peerOf(address)}`
    const before = this.told.get(key)
    const now = this.wallNowMs()
    if (before && now - before.atMs < toldMs) {
      before.more++
      return
    }
    this.told.delete(key)
    if (this.told.size >= mostTold) this.told.delete(this.told.keys().next().value!)
    this.told.set(key, { atMs: now, more: 0 })
    this.journal.warn('connection.unserved', { why, address, more: before?.more ?? 0 })
  }
}
