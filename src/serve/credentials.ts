import { Refusal } from '../model/errors.js'

/** The longest user name and password that are looked at, in characters. */
const longest = 4_096

/** The user and the password in a header of HTTP Basic. @throws Refusal auth.password where there are none */
export function basicOf(authorization: string): { user: string; password: string } {
  const match = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization)
  const text = match ? Buffer.from(match[1]!, 'base64').toString('utf8') : ''
  const colon = text.indexOf(':')
  if (colon < 1 || text.length > longest) throw new Refusal('auth.password', 'the manager wants to know who asks, and nobody is named', 'log in with a user and his password', { user: '', given: false })
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** The token in a header; null where there is none. */
export function bearerOf(authorization: string): string | null {
  return /^Bearer ([\w-]{1,200})$/i.exec(authorization)?.[1] ?? null
}

/** Whoever it is: who is unknown, who has no password and who gives another are told the same. */
export function wrongPassword(user: string): Refusal {
  return new Refusal('auth.password', 'the manager does not know this user with this password', 'check both, and where the password comes from: --password-file, OVMCLI_PASSWORD_FILE or OVMCLI_PASSWORD; who has none yet is given one by an administrator: user password NAME', { user: user.slice(0, 80), given: true })
}

/** Of a login that is locked for so many milliseconds. */
export function throttled(ms: number): Refusal {
  const seconds = Math.ceil(ms / 1_000)
  return new Refusal('auth.throttled', `after too many wrong passwords no login is looked at for another ${seconds} s`, 'wait that long, and check the password', { retryAfterSeconds: seconds })
}

/** Of a token that is none, or none any more. */
export function gone(): Refusal {
  return new Refusal('auth.token', 'the login has expired, or was ended', 'log in again: ovmcli profile add NAME')
}
