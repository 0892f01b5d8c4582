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

/** The refusal that a promise ends with. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await work.then(() => new Error('nothing was refused'), (reason: unknown) => reason)
  if (error instanceof Refusal) return error
  throw error
}
