import { Refusal, type ErrorCode } from '../model/errors.js'
import type { Store } from '../store/store.js'
import { shared } from './shared-store.js'

/** How a manager is: well, or why not. */
export type HealthNow = { status: 'ok' } | { status: 'failing'; code: ErrorCode; message: string }

const gone: HealthNow = { status: 'failing', code: 'store.corrupt', message: 'the database of the farm is not there any more' }

/** Knows whether what is to be recorded can be: a manager whose disk is full answers who looks, and is of no use to who changes something. */
export class Health {
  private trouble: HealthNow = { status: 'ok' }

  constructor(private readonly store: Store) {}

  /** The store, shared, so that what becomes of its commits is noticed. */
  watched(): Store {
    return {
      ...shared(this.store),
      transact: async (work, keep) => {
        try {
          const result = await this.store.transact(work, keep)
          this.trouble = { status: 'ok' }
          return result
        } catch (error) {
          if (error instanceof Refusal && error.code.startsWith('store.')) this.trouble = { status: 'failing', code: error.code, message: error.message }
          throw error
        }
      },
    }
  }

  /** How it is now: what failed last is tried again. */
  async now(): Promise<HealthNow> {
    if ((await this.store.version()) === null) return gone
    if (this.trouble.status === 'ok') return this.trouble
    // Writes a page as it is.
    await this.watched().transact(tx => tx.run(`update meta set value = value where key = 'ids'`), 'passing').catch(() => {})
    return this.trouble
  }
}
