import { createHash } from 'node:crypto'
import { Refusal } from '../model/errors.js'
import type { Repeat } from '../contract/wire/port.js'
import { Tally } from './tally.js'

/** What was answered, or will be. */
export interface Answer { status: number; xml: string }

/** A call that may come again: its key, and how long ago it was sent first, in milliseconds. */
export interface CallKey { key: string; ageMs: number }

/** How many calls of one user may be under way; for how long after their end calls are kept for a repeat, in milliseconds; how much of answers, in characters; how long a call may be on its way, and for how long one that only waits goes on though nobody asks again, in milliseconds. */
export interface CallBounds { underWay: number; keptMs: number; keptCharacters: number; onItsWayMs: number; abandonedMs: number }

/** Five seconds on its way is time for a connection over which a packet or two are lost. */
export const callBounds: CallBounds = { underWay: 256, keptMs: 300_000, keptCharacters: 64 * 1024 * 1024, onItsWayMs: 5_000, abandonedMs: 60_000 }

/** Who asks: for how many milliseconds he waits (null: to the end), whether he has `gone`, and what to do when nobody asks for the call any more; those two of calls that change nothing. */
export interface Asking { waitMs: number | null; gone?: AbortSignal; abandon?: () => void }

/** What a kept call weighs beside its answer, in characters. */
const weightOfCall = 1_024

interface Kept { digest: string; answer: Promise<Answer>; endedAtMs: number | null; weight: number; wanted: boolean; once: boolean; isOver: boolean; listeners: number; abandon: (() => void) | undefined; leaving: NodeJS.Timeout | undefined }

/**
 * Calls that carry a key: the same call again gets the answer of the first, which may still be under way, and is not carried out
 * a second time. Kept after their end are those that must not be (moving a clock has no key of its own in the farm, as a run has),
 * those that might be answered otherwise, and those whose client was told to ask again. That is in memory; a key that is not known is told apart by its age: a call that
 * was sent first while all of them were kept never came, any other may have been carried out by somebody who is gone.
 */
export class Calls {
  private readonly kept = new Map<string, Kept>()
  private readonly underWay = new Tally()
  private characters = 0
  /** since when no call that must not be repeated was forgotten before its time */
  private completeSinceMs: number

  constructor(private readonly bounds: CallBounds = callBounds, private readonly now: () => number = () => performance.now()) {
    this.completeSinceMs = now()
  }

  /** The answer to a call, begun now unless it was before; where whoever asks waits no longer, that there is none yet (202). @throws Refusal manager.no-answer, manager.busy, usage.request-key */
  async answer(user: string, { key, ageMs }: CallKey, body: string, repeat: Repeat, asking: Asking, begin: () => Promise<Answer>): Promise<Answer> {
    const name = `${user}\n${key}`
    const digest = createHash('sha256').update(body).digest('base64')
    const call = this.kept.get(name) ?? this.begun(name, user, ageMs, digest, repeat, asking, begin)
    if (call.digest !== digest) throw new Refusal('usage.request-key', 'the key of the call was used for another one', 'give every call a key of its own')
    const answer = await this.listened(call, asking)
    if (answer) return answer
    call.wanted = true
    return { status: 202, xml: '' }
  }

  /** The answer, while whoever asks waits for it; null where he waits no longer. */
  private async listened(call: Kept, { waitMs, gone }: Asking): Promise<Answer | null> {
    let timer: NodeJS.Timeout | undefined
    let leave = () => {}
    const pending = new Promise<null>(resolve => {
      leave = () => resolve(null)
      if (waitMs !== null) timer = setTimeout(leave, waitMs)
      if (gone?.aborted) leave()
      gone?.addEventListener('abort', leave)
    })
    clearTimeout(call.leaving)
    call.listeners++
    try {
      return await Promise.race([call.answer, pending])
    } finally {
      clearTimeout(timer)
      gone?.removeEventListener('abort', leave)
      if (--call.listeners === 0 && !call.isOver && call.abandon) call.leaving = setTimeout(call.abandon, this.bounds.abandonedMs).unref()
    }
  }

  private begun(name: string, user: string, ageMs: number, digest: string, repeat: Repeat, { abandon }: Asking, begin: () => Promise<Answer>): Kept {
    this.forget()
    if (repeat === 'once' && ageMs > 0 && this.now() - ageMs - this.bounds.onItsWayMs < Math.max(this.completeSinceMs, this.now() - this.bounds.keptMs)) {
      throw new Refusal('manager.no-answer', 'the manager does not know any more what became of the call', 'look before asking again: it may have been carried out')
    }
    const count = this.underWay.of(user)
    if (count >= this.bounds.underWay) throw new Refusal('manager.busy', `${count} calls of ${user} are under way`, 'let some of them end first')
    this.underWay.add(user, 1)
    const call: Kept = { digest, answer: begin(), endedAtMs: null, weight: weightOfCall, wanted: repeat !== 'again', once: repeat === 'once', isOver: false, listeners: 0, abandon, leaving: undefined }
    this.kept.set(name, call)
    const ended = (length: number) => {
      call.isOver = true
      clearTimeout(call.leaving)
      this.underWay.add(user, -1)
      // By the order of their ends, so that the oldest is the first.
      this.kept.delete(name)
      if (!call.wanted) return
      call.endedAtMs = this.now()
      call.weight += length
      this.characters += call.weight
      this.kept.set(name, call)
    }
    call.answer.then(({ xml }) => ended(xml.length), () => ended(0))
    return call
  }

  /** Forgets what is past its time; when there is too much, the oldest that have ended before it. */
  private forget(): void {
    for (const [name, { endedAtMs, weight, once }] of this.kept) {
      if (endedAtMs === null) continue
      const due = this.now() - endedAtMs > this.bounds.keptMs
      if (!due && this.characters <= this.bounds.keptCharacters) return
      if (!due && once) this.completeSinceMs = this.now()
      this.characters -= weight
      this.kept.delete(name)
    }
  }
}
