import { isEmail } from '../contract/details/people.js'
import { Refusal } from './refusal.js'

/** The address that --email gives; null where it gives none, or an empty one. @throws Refusal usage.argument */
export function emailOf(given: unknown): string | null {
  if (given === undefined || given === '') return null
  if (!isEmail(given as string)) throw new Refusal('usage.argument', `--email: ${JSON.stringify((given as string).slice(0, 60))} is no address`, 'write one like name@example.com')
  return given as string
}
