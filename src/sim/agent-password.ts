import { scryptSync, timingSafeEqual } from 'node:crypto'

/** Length of what scrypt makes of a password, in bytes. */
const keyBytes = 32

/** What a server keeps of its agent's password; the salt is its own. */
export function kept(password: string, salt: string): string {
  return `${salt}$${scryptSync(password, salt, keyBytes).toString('hex')}`
}

/** Whether a password is the one of which that was kept. */
export function isPassword(password: string | null, keptText: string): boolean {
  if (password === null) return false
  const at = keptText.lastIndexOf('$')
  return timingSafeEqual(scryptSync(password, keptText.slice(0, at), keyBytes), Buffer.from(keptText.slice(at + 1), 'hex'))
}
