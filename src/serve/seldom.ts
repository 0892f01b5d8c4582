/** How many keys are remembered: whoever comes under ever new ones is not to fill the memory. */
const mostKept = 10_000

/** Says when the same may be told again, so that whoever does something by the thousand is told of once in a while. Times are milliseconds of the wall clock. */
export class Seldom {
  private readonly kept = new Map<string, { atMs: number; more: number }>()

  constructor(private readonly everyMs: number) {}

  /** How often it came since it was told last, when it may be told now; else null. */
  due(key: string, nowMs: number): number | null {
    const before = this.kept.get(key)
    if (before && nowMs - before.atMs < this.everyMs) {
      before.more++
      return null
    }
    this.kept.delete(key)
    if (this.kept.size >= mostKept) this.kept.delete(this.kept.keys().next().value!)
    this.kept.set(key, { atMs: nowMs, more: 0 })
    return before?.more ?? 0
  }
}
