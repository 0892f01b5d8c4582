/** Counts by a key; what has come back to nothing is forgotten, so that whoever once came takes no room. */
export class Tally {
  private readonly counts = new Map<string, number>()

  of(key: string): number {
    return this.counts.get(key) ?? 0
  }

  /** @param by how many more; fewer where it is negative */
  add(key: string, by: number): void {
    const count = this.of(key) + by
    if (count === 0) this.counts.delete(key)
    else this.counts.set(key, count)
  }
}
