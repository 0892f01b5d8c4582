import { Refusal } from '../src/model/errors.js'

/** The refusal that some work ends with. */
export function refusal(work: () => unknown): Refusal {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}
