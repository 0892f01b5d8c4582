import type { Manager, RunHandle } from '../contract/manager.js'
import type { Principal } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'

const signals = ['SIGINT', 'SIGTERM'] as const

/** What is told of a run that is followed: that a signal ends it in order from now on, and how many of its targets are settled. */
export interface RunListener { begun?(): Promise<void> | void; moved?(settled: number, total: number): void }

/**
 * Follows a run to its end. The first signal interrupts it: nothing more begins, what is under way is recorded; who only follows the run
 * of an earlier request leaves it, and it goes on. A second signal ends the process. @returns the exit code of the signal, where it was that
 * which ended the run; else null
 */
export async function followRun(manager: Manager, principal: Principal, handle: RunHandle, listener: RunListener = {}): Promise<130 | 143 | null> {
  const { run, joined = false } = handle
  let exit: 130 | 143 | null = null
  let asked: Promise<void> = Promise.resolve()
  const onSignal = (signal: NodeJS.Signals) => {
    exit = signal === 'SIGINT' ? 130 : 143
    release()
    asked = manager.interruptRun({ principal, run, ...(joined ? { follows: true } : {}) })
    asked.catch(() => {}) // awaited below
  }
  const release = () => { for (const signal of signals) process.off(signal, onSignal) }
  for (const signal of signals) process.on(signal, onSignal)
  try {
    await listener.begun?.()
    let { state, revision } = handle
    while (state === 'running' && !(joined && exit !== null)) {
      const now = await manager.followRun({ principal, run, afterRevision: revision })
      state = now.state
      revision = now.revision
      listener.moved?.(now.settled, now.total)
      // Signals arrive between turns of the event loop: give them one.
      await new Promise(resolve => setImmediate(resolve))
    }
    await asked
    return state === 'interrupted' || (joined && state === 'running') ? exit : null
  } catch (error) {
    // It was begun, and goes on where the manager does.
    if (!(error instanceof Refusal) || !error.code.startsWith('manager.')) throw error
    throw new Refusal(error.code, error.message, `${error.hint === null ? '' : `${error.hint}; `}then run show ${run} tells what came of it`, { ...(error.details as object | null), run })
  } finally {
    release()
  }
}
