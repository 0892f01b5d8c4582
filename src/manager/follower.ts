import type { ChangeNotice } from '../contract/manager.js'
import { Refusal } from '../model/errors.js'
import { formatTime } from '../model/units.js'
import type { Changes } from '../store/store.js'
import type { Parts } from './parts.js'
import { reconcileForLooking } from './reconcile.js'

/**
 * The longest sleeps of one who awaits a change, in milliseconds of real time: on an idle farm, against a system that swallows
 * the word of a change; while live commands are at work, whose death makes no noise; and where no file can be watched.
 */
const longestSleepMs = { idle: 60_000, busy: 1_000, blind: 1_000 } as const

/** What one who looks on has to know of the world outside the records. */
export interface Surroundings {
  /** Word of what changes there. */
  changes(): Changes
  /** Whether live commands are at work, and in how many milliseconds something falls due by itself; null: nothing will. `alsoAtMs` is a farm time that counts as due. */
  outlook(alsoAtMs: number | null): Promise<{ busy: boolean; dueInMs: number | null }>
}

/** Awaits changes of the records without asking again and again, and sees to it meanwhile that what nobody sees to is recorded. */
export class Follower {
  private readonly stops = new Set<AbortController>()
  private readonly underWay = new Set<Promise<unknown>>()

  /** @param letPass lets a clock that follows the wall clock catch up */
  constructor(private readonly parts: Parts, private readonly surroundings: Surroundings | null, private readonly letPass: () => Promise<void>) {}

  /** Comes back when the revision is another one, after a while, or when it is stopped. @param admit refuses whoever may not look @throws Refusal farm.not-found when the farm was removed meanwhile */
  awaitChange(afterRevision: string | null, waitMs: number, admit: () => Promise<void>): Promise<ChangeNotice> {
    const stop = new AbortController()
    this.stops.add(stop)
    const ended = this.follow(afterRevision, waitMs, stop.signal, admit).finally(() => {
      this.stops.delete(stop)
      this.underWay.delete(ended)
    })
    this.underWay.add(ended)
    return ended
  }

  /** Lets all who await come back now; resolves when they have. */
  async stop(): Promise<void> {
    for (const stop of this.stops) stop.abort()
    await Promise.allSettled(this.underWay)
  }

  private async follow(afterRevision: string | null, waitMs: number, stop: AbortSignal, admit: () => Promise<void>): Promise<ChangeNotice> {
    const endsAt = performance.now() + waitMs
    const words = [this.parts.store.changes(), ...(this.surroundings ? [this.surroundings.changes()] : [])]
    for (let first = afterRevision === null; ; first = false) {
      await admit()
      await this.seeTo(stop, first)
      const { revision, time } = await this.standing()
      const leftMs = endsAt - performance.now()
      const changed = revision !== afterRevision
      if (changed || leftMs <= 0 || stop.aborted) return { revision, changed, farm: this.parts.farm, time }
      await sleep(words, Math.min(leftMs, await this.longestSleep(words)), stop)
    }
  }

  /**
   * Records what nobody records: what servers have to tell, what dead commands left, and what fell due by a clock with a rate.
   * While live commands are at work they do that themselves, at the moment of the farm's clock that it belongs to. At `first` a
   * clock with a rate catches up though nothing fell due.
   */
  private async seeTo(stop: AbortSignal, first: boolean): Promise<void> {
    const { busy, dueInMs } = await this.outlook()
    if (busy || stop.aborted) return
    await reconcileForLooking(this.parts)
    if (first || (dueInMs !== null && dueInMs <= 0)) await this.letPass()
  }

  private async longestSleep(words: readonly Changes[]): Promise<number> {
    const { busy, dueInMs } = await this.outlook()
    if (busy) return longestSleepMs.busy
    const most = words.some(word => word.isBlind()) ? longestSleepMs.blind : longestSleepMs.idle
    return Math.min(most, dueInMs ?? Infinity)
  }

  /** Deadlines of runs that were handed over fall due too, while the farm's clock has not reached them. */
  private async outlook(): Promise<{ busy: boolean; dueInMs: number | null }> {
    if (!this.surroundings) return { busy: false, dueInMs: null }
    const nowMs = await this.parts.clock.nowMs()
    const [next] = await this.parts.store.read(reader => reader.select<{ deadline: number | null }>({ deadline: 'min(deadline_at)' }, `from run where state = 'running' and detached = 1 and deadline_at > ?`, [nowMs]))
    return this.surroundings.outlook(next!.deadline)
  }

  /** The revision as of now: which commits the records hold, and what time it is. */
  private async standing(): Promise<{ revision: string; time: string }> {
    const version = await this.parts.store.version()
    if (version === null) throw new Refusal('farm.not-found', `farm ${this.parts.farm} was deleted or replaced meanwhile`, 'sim list shows what there is', { missing: [this.parts.farm] })
    const nowMs = await this.parts.clock.nowMs()
    return { revision: `${version}@${nowMs}`, time: formatTime(nowMs) }
  }
}

/** Until there is word of a change, at the latest after `ms` milliseconds. */
async function sleep(words: readonly Changes[], ms: number, stop: AbortSignal): Promise<void> {
  const woken = new AbortController()
  const wake = () => woken.abort()
  stop.addEventListener('abort', wake)
  try {
    await Promise.race(words.map(word => word.next(ms, woken.signal)))
  } finally {
    wake()
    stop.removeEventListener('abort', wake)
  }
}
