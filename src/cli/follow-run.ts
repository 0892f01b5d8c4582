import { isDryRun } from '../contract/dry-runs.js'
import type { Manager, Report, RunHandle } from '../contract/manager.js'
import type { Principal } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { onSignal } from './on-signal.js'

/** What is told of a run that is followed: that a signal ends it in order from now on, and how many of its targets are settled. */
export interface RunListener { begun?(): Promise<void> | void; moved?(settled: number, total: number): void }

/** How a run ended: its report, and the exit code of the signal, where it was that which ended it; else null. */
export interface SeenThrough { report: Report; interrupted: 130 | 143 | null }

/**
 * Follows a run to its end, and reads its report. What was begun goes on where the manager does, so that whoever cannot follow it does not
 * know what came of it. @throws Refusal manager.no-answer, with the run in its details
 */
export async function seeRunThrough(manager: Manager, principal: Principal, handle: RunHandle, listener: RunListener = {}): Promise<SeenThrough> {
  try {
    const interrupted = await followRun(manager, principal, handle, listener)
    return { interrupted, report: await manager.runReport({ principal, run: handle.run }) }
  } catch (error) {
    if (!(error instanceof Refusal) || !/^(?:manager|auth)\./.test(error.code) || isDryRun(handle)) throw error
    const { run, total } = handle
    throw new Refusal('manager.no-answer', `${run} was begun, and what came of its ${total} target${total === 1 ? '' : 's'} is not known: ${error.message}`,
      `do not begin it again: run show ${run} tells, once ${error.code.startsWith('auth.') ? 'you have logged in again' : 'the manager answers'}; if it was interrupted, run resume ${run} goes on`, { run, why: error.code })
  }
}

/**
 * Follows a run to its end. The first signal interrupts it: nothing more begins, what is under way is recorded; who only follows the run
 * of an earlier request leaves it, and it goes on. A second signal ends the process. @returns the exit code of the signal, where it was that
 * which ended the run; else null
 */
async function followRun(manager: Manager, principal: Principal, handle: RunHandle, listener: RunListener = {}): Promise<130 | 143 | null> {
  const { run, joined = false } = handle
  let exit: 130 | 143 | null = null
  let asked: Promise<void> = Promise.resolve()
  const release = onSignal(code => {
    exit = code
    asked = manager.interruptRun({ principal, run, ...(joined ? { follows: true } : {}) })
    asked.catch(() => {}) // awaited below
  })
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
  } finally {
    release()
  }
}
