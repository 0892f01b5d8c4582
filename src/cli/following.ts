import type { ChangeNotice, Manager } from '../contract/manager.js'
import { longestAwaitMs, type Principal } from '../contract/requests.js'
import { onSignal } from './on-signal.js'
import { Refusal } from './refusal.js'
import { isOutputClosed, outIsCollected } from './streams.js'

/** The shortest time from one look to the next, in milliseconds: a run that commits all the time is looked at ten times a second … */
const leastPauseMs = 100
/** … or as often as leaves most of the time to others, who have to do with what we look at: so many times as long as a look takes. */
const pauseFactor = 3

/** Whom to follow, and for how long, in milliseconds of real time; null: until somebody ends it. `endsItself`: once it has seen so much. */
export interface Following { manager: Manager; principal: Principal; timeoutMs: number | null; endsItself?: boolean }

/** What a look may do beside looking. */
export interface Ear {
  /** asks for another look at once, though nothing changed: the terminal has another size */
  lookAgain(): void
}

/**
 * Looks at once, and again whenever the manager's records may have changed, until `look` says that it is done, whoever reads us
 * has gone, the time is over, or a signal ends it; the exit code. Nothing is asked while nothing changes.
 * @throws Refusal usage.argument where nobody would read it before its end
 */
export async function follow({ manager, principal, timeoutMs, endsItself = false }: Following, look: (notice: ChangeNotice, ear: Ear) => Promise<'done' | 'more'>): Promise<0 | 130 | 143> {
  if (outIsCollected() && timeoutMs === null && !endsItself) throw new Refusal('usage.argument', 'a batch goes on once this has ended, and that would never be', 'add --timeout, or run it by itself')
  const endsAt = timeoutMs === null ? Infinity : performance.now() + timeoutMs
  const stop = new AbortController()
  let exit: 130 | 143 | null = null
  let again = false
  const interrupt = () => { manager.stopAwaiting({ principal }).catch(() => {}) } // whoever awaits is told
  const release = onSignal(code => {
    exit = code
    stop.abort()
    interrupt()
  })
  const ear: Ear = { lookAgain: () => { again = true; interrupt() } }
  let revision: string | null = null
  try {
    for (;;) {
      const leftMs = endsAt - performance.now()
      const notice: ChangeNotice = await manager.awaitChange({ principal, afterRevision: revision, waitMs: Math.max(0, Math.min(longestAwaitMs, Math.ceil(leftMs))) })
      if (exit !== null) return exit
      const asked = again
      again = false
      revision = notice.revision
      const began = performance.now()
      if ((notice.changed || asked) && (await look(notice, ear)) === 'done') return exit ?? 0
      const tookMs = performance.now() - began
      if (isOutputClosed()) return 0
      if (performance.now() >= endsAt) return exit ?? 0
      await pause(Math.min(Math.max(leastPauseMs, pauseFactor * tookMs), endsAt - performance.now()), stop.signal)
      if (exit !== null) return exit
    }
  } finally {
    release()
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      stop.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    stop.addEventListener('abort', end)
  })
}
