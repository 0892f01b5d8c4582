import type { Unserved } from '../wsapi/listen.js'
import { peerOf } from '../wsapi/peer.js'
import type { Journal } from './journal.js'
import type { Metrics } from './metrics.js'
import { Seldom } from './seldom.js'

/** How often the same of one peer is told, in milliseconds. */
const toldMs = 60_000

/** Tells of connections that were let go without being served: one of a kind and peer a minute, with how many there were since the one before, so that whoever makes them by the thousand does not fill the log. */
export class UnservedConnections {
  private readonly told = new Seldom(toldMs)

  constructor(private readonly journal: Journal, private readonly metrics: Metrics, private readonly wallNowMs: () => number = Date.now) {}

  note(why: Unserved, address: string): void {
    this.metrics.add('ovmcli_connections_unserved_total', 1, { why })
    const more = this.told.due(`${why} ${peerOf(address)}`, this.wallNowMs())
    if (more !== null) this.journal.warn('connection.unserved', { why, address, more })
  }
}
