import { Refusal } from '../model/errors.js'
import { beingStopped } from '../wsapi/being-stopped.js'

/** How many passwords are looked at at once, since each takes a CPU a while; how many wait for that, of one peer and of all: as many as may have connections. */
const [mostLooks, mostWaitingOfOne, mostWaiting] = [2, 256, 4_096]

interface Waiting { begin(over: () => void): void; refuse(refusal: Refusal): void }

/**
 * Whose password is looked at next. Of one peer one is looked at after the other, so that a lock stops those that came with it; peers
 * take turns, and whoever gave fewer wrong ones comes first: one who guesses waits, and lets nobody else wait.
 */
export class PasswordQueue {
  private readonly lines = new Map<string, Waiting[]>()
  private readonly looking = new Set<string>()
  private waiting = 0
  private closed = false

  /** @param failsOf how many wrong passwords a peer gave */
  constructor(private readonly failsOf: (peer: string) => number) {}

  /** Whether a password from a peer is looked at, or waits for it. */
  isTaken(peer: string): boolean {
    return this.looking.has(peer) || this.lines.has(peer)
  }

  /** Waits until a password from a peer may be looked at. @returns what ends that @throws Refusal manager.busy */
  take(peer: string): Promise<() => void> {
    const line = this.lines.get(peer) ?? []
    if (this.closed) return Promise.reject(beingStopped())
    if (this.waiting >= mostWaiting || line.length >= mostWaitingOfOne) return Promise.reject(new Refusal('manager.busy', 'too many logins are waiting', 'try again in a while'))
    return new Promise((resolve, reject) => {
      line.push({ begin: resolve, refuse: reject })
      this.lines.set(peer, line)
      this.waiting++
      this.next()
    })
  }

  /** Lets nobody wait any more. */
  close(): void {
    this.closed = true
    for (const line of this.lines.values()) for (const { refuse } of line) refuse(beingStopped())
    this.lines.clear()
    this.waiting = 0
  }

  private next(): void {
    for (let peer = this.nextPeer(); peer !== null; peer = this.nextPeer()) {
      const one = peer
      const line = this.lines.get(one)!
      const { begin } = line.shift()!
      // The others come before it comes again.
      this.lines.delete(one)
      if (line.length > 0) this.lines.set(one, line)
      this.waiting--
      this.looking.add(one)
      begin(() => {
        this.looking.delete(one)
        this.next()
      })
    }
  }

  private nextPeer(): string | null {
    if (this.looking.size >= mostLooks) return null
    let best: { peer: string; fails: number } | null = null
    for (const peer of this.lines.keys()) {
      const fails = this.failsOf(peer)
      if (!this.looking.has(peer) && (!best || fails < best.fails)) best = { peer, fails }
    }
    return best?.peer ?? null
  }
}
