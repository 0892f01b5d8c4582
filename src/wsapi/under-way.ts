/** What is under way, so that whoever ends can await it. */
export class UnderWay {
  private readonly all = new Set<Promise<unknown>>()

  /** How many things are under way. */
  get size(): number {
    return this.all.size
  }

  /** Does something, which is under way until it has ended, well or not. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const one = work()
    this.all.add(one)
    try {
      return await one
    } finally {
      this.all.delete(one)
    }
  }

  /** Resolves when one of them has ended. */
  async one(): Promise<void> {
    await Promise.race([...this.all].map(each => each.then(() => {}, () => {})))
  }

  /** Resolves when nothing is under way any more. */
  async ended(): Promise<void> {
    while (this.all.size > 0) await Promise.allSettled(this.all)
  }
}
