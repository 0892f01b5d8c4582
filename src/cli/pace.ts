/** How fast something goes, from the counts seen so far: recent changes weigh more, over about ten seconds. */
const memoryMs = 10_000
/** A rate means something from so long after the first count on, in milliseconds … */
const soonestMs = 1_000
/** … and from so many changes on. */
const fewestChanges = 3

/** A smoothed rate, fed with counts and the clock. */
export class Pace {
  private first: { count: number; atMs: number } | null = null
  private last = { count: 0, atMs: 0 }
  private changes = 0
  private weightMs = 0

  /** Takes in that the count is so much at that time, in milliseconds of any steady clock. */
  note(count: number, atMs: number): void {
    this.first ??= this.last = { count, atMs }
    const passedMs = atMs - this.last.atMs
    if (count <= this.last.count || passedMs <= 0) return
    const kept = Math.exp(-passedMs / memoryMs)
    this.changes = this.changes * kept + count - this.last.count
    this.weightMs = this.weightMs * kept + passedMs
    this.last = { count, atMs }
  }

  /** Counts a second; null while that would mean nothing. */
  perSecond(): number | null {
    if (!this.first || this.last.atMs - this.first.atMs < soonestMs || this.last.count - this.first.count < fewestChanges) return null
    return (this.changes / this.weightMs) * 1_000
  }
}
