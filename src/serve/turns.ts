/** Lets many who have work to do go one by one, and what comes from outside be answered in between. */
export class Turns {
  private readonly waiting: (() => void)[] = []
  private called = false

  /** Resolves when it is the caller's turn: one in every round of the event loop. */
  next(): Promise<void> {
    return new Promise(resolve => {
      this.waiting.push(resolve)
      this.call()
    })
  }

  private call(): void {
    if (this.called || this.waiting.length === 0) return
    this.called = true
    setImmediate(() => {
      this.called = false
      this.waiting.shift()!()
      this.call()
    })
  }
}
