import type { ChangeNotice, Manager } from '../contract/manager.js'
import type { Principal } from '../contract/requests.js'

/** The longest that one who follows waits in one call, in milliseconds: shorter than what proxies and address translators let stand. */
export const longestWireWaitMs = 25_000

/**
 * Lets many clients await a change while the manager is asked by one: however many follow, it costs the farm the same. Whoever
 * goes is let go at once; when nobody is left the manager is not asked any more.
 */
export class ChangeHub {
  private poll: { revision: string; notice: Promise<ChangeNotice> } | null = null
  private waiting = 0

  constructor(private readonly manager: Manager) {}

  /** The next change after a revision, at the latest after `waitMs`; sooner, with none, when `gone`. */
  async next(principal: Principal, afterRevision: string | null, waitMs: number, gone: AbortSignal): Promise<ChangeNotice> {
    const endsAt = performance.now() + Math.min(waitMs, longestWireWaitMs)
    // Who may not look is refused here, in his own name.
    const ask = () => this.manager.awaitChange({ principal, afterRevision, waitMs: 0 })
    let notice = await ask()
    for (;;) {
      const leftMs = endsAt - performance.now()
      if (notice.changed || leftMs <= 0 || gone.aborted) return notice
      await this.word(principal, notice.revision, leftMs, gone)
      notice = await ask()
    }
  }

  /** Until there may be a change, the time is over, or the client has gone. */
  private async word(principal: Principal, revision: string, leftMs: number, gone: AbortSignal): Promise<void> {
    this.waiting++
    let timer: NodeJS.Timeout | undefined
    let leave = () => {}
    try {
      await Promise.race([
        // Its failure is another's as well as ours: each then asks in his own name.
        this.shared(principal, revision).catch(() => {}),
        new Promise<void>(resolve => {
          leave = resolve
          timer = setTimeout(resolve, leftMs)
          gone.addEventListener('abort', leave)
        }),
      ])
    } finally {
      clearTimeout(timer)
      gone.removeEventListener('abort', leave)
      if (--this.waiting === 0 && this.poll) await this.manager.stopAwaiting({ principal }).catch(() => {})
    }
  }

  private shared(principal: Principal, revision: string): Promise<ChangeNotice> {
    if (this.poll?.revision === revision) return this.poll.notice
    const notice = this.manager.awaitChange({ principal, afterRevision: revision, waitMs: longestWireWaitMs })
    const poll = { revision, notice }
    this.poll = poll
    const over = () => { if (this.poll === poll) this.poll = null }
    notice.then(over, over)
    return notice
  }
}
