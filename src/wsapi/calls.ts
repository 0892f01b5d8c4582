import { createHash } from 'node:crypto'
import { Refusal } from '../model/errors.js'
import type { Repeat } from '../contract/wire/port.js'

/** What was answered, or will be. */
export interface Answer { status: number; xml: string }

/** A call that may come again: its key, and how long ago it was sent first, in milliseconds. */
export interface CallKey { key: string; ageMs: number }

/** How many calls, and for how long after their end, are kept for a repeat; how large an answer may be for it; how many of one user may be under way. */
export interface CallBounds { most: number; keptMs: number; keptCharacters: number; underWay: number }

export const callBounds: CallBounds = { most: 10_000, keptMs: 300_000, keptCharacters: 262_144, underWay: 256 }

interface Kept { digest: string; answer: Promise<Answer>; endedAtMs: number | null }

/**
 * Calls that carry a key: the same call again gets the answer of the first, which may still be under way, and is not carried out
 * a second time. They are kept in memory; a key that is not known is told apart by its age: a call that was first sent while all
 * of them were kept never came, any other may have been carried out by somebody who is gone.
 */
export class Calls {
  private readonly kept = new Map<string, Kept>()
  private readonly underWay = new Map<string, number>()
  /** since when no call was forgotten before its time */
  private completeSinceMs: number

  constructor(private readonly bounds: CallBounds = callBounds, private readonly now: () => number = () => performance.now()) {
    this.completeSinceMs = now()
  }

  /** The answer to a call, begun now unless it was before. @throws Refusal manager.no-answer, manager.busy, usage.request-key */
  async answer(user: string, { key, ageMs }: CallKey, body: string, repeat: Repeat, begin: () => Promise<Answer>): Promise<Answer> {
    const name = `${user}\n${key}`
    const digest = createHash('sha256').update(body).digest('base64')
    const first = this.kept.get(name)
    if (first) {
      if (first.digest !== digest) throw new Refusal('usage.request-key', 'the key of the call was used for another one', 'give every call a key of its own')
      return first.answer
    }
    this.forget()
    if (repeat === 'once' && ageMs > 0 && this.now() - ageMs < Math.max(this.completeSinceMs, this.now() - this.bounds.keptMs)) {
      throw new Refusal('manager.no-answer', 'the manager does not know any more what became of the call', 'look before asking again: it may have been carried out')
    }
    const count = this.underWay.get(user) ?? 0
    if (count >= this.bounds.underWay) throw new Refusal('manager.busy', `${count} calls of ${user} are under way`, 'let some of them end first')
    this.underWay.set(user, count + 1)
    const answer = begin()
    const entry: Kept = { digest, answer, endedAtMs: null }
    this.kept.set(name, entry)
    const ended = (length: number) => {
      entry.endedAtMs = this.now()
      const left = this.underWay.get(user)! - 1
      if (left === 0) this.underWay.delete(user)
      else this.underWay.set(user, left)
      // By the order of their ends, so that the oldest is the first.
      this.kept.delete(name)
      if (repeat === 'once' || length <= this.bounds.keptCharacters) this.kept.set(name, entry)
    }
    answer.then(({ xml }) => ended(xml.length), () => ended(0))
    return answer
  }

  /** Forgets what is past its time; when there are too many, the oldest that have ended before it. */
  private forget(): void {
    for (const [name, { endedAtMs }] of this.kept) {
      if (endedAtMs === null) continue
      const due = this.now() - endedAtMs > this.bounds.keptMs
      if (!due && this.kept.size < this.bounds.most) return
      if (!due) this.completeSinceMs = this.now()
      this.kept.delete(name)
    }
  }
}
