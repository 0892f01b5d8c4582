import { Refusal } from './errors.js'

/**
 * How long a password is, in characters (Unicode code points): the least is that of model.md ("User"), the most a bound on what has
 * to be worked through; NIST SP 800-63B, 5.1.1.2, wants 64 at least.
 */
export const passwordLength = { least: 10, most: 256 } as const

/** A password as it is compared: the same characters however a keyboard composes them (NIST SP 800-63B, 5.1.1.2: NFKC). */
export function normalPassword(password: string): string {
  return password.normalize('NFKC')
}

/** Refuses what cannot be the new password of somebody; never quotes it. @throws Refusal usage.password */
export function checkPassword(password: string, name: string): void {
  const normal = normalPassword(password)
  const length = [...normal].length
  if (length < passwordLength.least) throw refused(`the password has ${length} characters`)
  if (length > passwordLength.most) throw refused(`the password has more than ${passwordLength.most} characters`)
  if (normal.toLowerCase() === name.normalize('NFKC').toLowerCase()) throw refused("the password is the user's name")
}

function refused(what: string): Refusal {
  return new Refusal('usage.password', what, `a password has ${passwordLength.least} to ${passwordLength.most} characters, and is not the name`)
}
