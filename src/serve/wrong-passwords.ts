/** Wrong passwords that lock a user at a peer, and a peer altogether. */
const most = { pair: 5, peer: 25 } as const
/** How long the first lock holds, and the longest, in milliseconds; each is twice the one before. */
const lockMs = { first: 60_000, most: 3_600_000 } as const
/** What is forgotten without another wrong password, in milliseconds. */
const forgetMs = 24 * 3_600_000
/** How many are remembered: whoever tries names by the million is not to fill the memory. */
const mostKept = 20_000

/** How much of a name counts, in characters: no user's is longer, and anybody may write any. */
const longestUser = 256

interface Fails { count: number; locks: number; untilMs: number; lastMs: number }

/** Counts wrong passwords by user and peer (an address, or what is counted as one), and locks the login for a while that grows. Times are of the wall clock. */
export class WrongPasswords {
  private readonly kept = new Map<string, Fails>()

  /** For how many milliseconds the login of a user from a peer is locked; 0: it is not. */
  lockedForMs(user: string, peer: string, nowMs: number): number {
    return Math.max(0, ...keysOf(user, peer).map(([key]) => (this.kept.get(key)?.untilMs ?? 0) - nowMs))
  }

  /** A wrong password; for how many milliseconds that locks the login, 0 when it does not yet. */
  note(user: string, peer: string, nowMs: number): number {
    for (const [key, limit] of keysOf(user, peer)) {
      const known = this.kept.get(key)
      const fails = known && nowMs - known.lastMs < forgetMs ? known : { count: 0, locks: 0, untilMs: 0, lastMs: nowMs }
      fails.count++
      fails.lastMs = nowMs
      if (fails.count >= limit) {
        fails.untilMs = nowMs + Math.min(lockMs.most, lockMs.first * 2 ** fails.locks)
        fails.locks++
        fails.count = 0
      }
      this.kept.delete(key)
      if (this.kept.size >= mostKept) this.kept.delete(this.kept.keys().next().value!)
      this.kept.set(key, fails)
    }
    return this.lockedForMs(user, peer, nowMs)
  }

  /** How many wrong passwords came from a peer, as far as they are remembered. */
  failsOf(peer: string): number {
    const known = this.kept.get(peer)
    return known ? known.locks * most.peer + known.count : 0
  }

  /** The right password: what came before is forgiven to that user there. */
  forgive(user: string, peer: string): void {
    this.kept.delete(keysOf(user, peer)[0]![0])
  }
}

function keysOf(user: string, peer: string): [string, number][] {
  return [[`${peer} ${user.slice(0, longestUser)}`, most.pair], [peer, most.peer]]
}
