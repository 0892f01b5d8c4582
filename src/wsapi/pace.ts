interface Waiting { begin(): void; refuse(): void }

/**
 * Lets one call begin in each turn of the event loop. A call that only reads is done before the loop turns, so that many of them would
 * be carried out in one go: meanwhile nobody's answer left, and nobody's call came in. Users take turns: one who asks for very much
 * lets the others wait for one of his calls, not for all. Whose answers are not taken begins nothing more until they are.
 */
export class Pace {
  private readonly lines = new Map<string, Waiting[]>()
  private turning = false
  private closed = false

  /** @param isFull whether so much of what a user asked for waits to be taken that he has to wait */
  constructor(private readonly isFull: (user: string) => boolean) {}

  /** Whether a call of a user may begin, once that is known: not when he waited for his answers to be taken, and the end came first. */
  turn(user: string): Promise<boolean> {
    return new Promise(resolve => {
      const one: Waiting = { begin: () => resolve(true), refuse: () => resolve(false) }
      const line = this.lines.get(user)
      if (line) line.push(one)
      else this.lines.set(user, [one])
      if (!this.turning) this.next()
    })
  }

  /** Answers were taken: who waited for that may go on. */
  resume(): void {
    if (!this.turning) this.next()
  }

  /** Whoever has to wait for his answers to be taken is refused; the others come to their turn. */
  close(): void {
    this.closed = true
    for (const [user, line] of this.lines) {
      if (!this.isFull(user)) continue
      this.lines.delete(user)
      for (const { refuse } of line) refuse()
    }
  }

  private next(): void {
    const first = [...this.lines.keys()].find(user => this.closed || !this.isFull(user))
    this.turning = first !== undefined
    if (first === undefined) return
    const line = this.lines.get(first)!
    const { begin } = line.shift()!
    // The others come before he comes again.
    this.lines.delete(first)
    if (line.length > 0) this.lines.set(first, line)
    setImmediate(() => this.next())
    begin()
  }
}
