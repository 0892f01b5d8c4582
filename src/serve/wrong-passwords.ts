/** Wrong passwords that lock a user at an address, and an address altogether. */
const most = { pair: 5, address: 25 } as const
/** How long the first lock holds, and the longest, in milliseconds; each is twice the one before. */
const lockMs = { first: 60_000, most: 3_600_000 } as const
/** What is forgotten without another wrong password, in milliseconds. */
const forgetMs = 24 * 3_600_000
/** How many are remembered: whoever tries names by the million is not to fill the memory. */
const mostKept = 20_000

interface Fails { count: number; locks: number; untilMs: number; lastMs: number }

/** Counts wrong passwords by user and address, and locks the login for a while that grows. Times are of the wall clock. */
export class WrongPasswords {
  private readonly kept = new Map<string, Fails>()

  /** For how many milliseconds the login of a user from an address is locked; 0: it is not. */
  lockedForMs(user: string, address: string, nowMs: number): number {
    return Math.max(0, ...keysOf(user, address).map(([key]) => (this.kept.get(key)?.untilMs ?? 0) - nowMs))
  }

  /** A wrong password; for how many milliseconds that locks the login, 0 when it does not yet. */
  note(user: string, address: string, nowMs: number): number {
    for (const [key, limit] of keysOf(user, address)) {
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
    return this.lockedForMs(user, address, nowMs)
  }

  /** The right password: what came before is forgiven to that user there. */
  forgive(user: string, address: string): void {
    this.kept.delete(keysOf(user, address)[0]![0])
  }
}

function keysOf(user: string, address: string): [string, number][] {
  return [[`${address} ${user}`, most.pair], [address, most.address]]
}
