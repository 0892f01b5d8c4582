import type { RemoteLogin, RemotePlace } from '../contract/remote.js'
import type { Principal } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { openToOthers } from './open-to-others.js'
import { fileOf, readProfile, trustOf } from './profiles.js'
import { placeOf, type Target } from './target.js'

/** A manager elsewhere, and who asks it. */
export interface Reached { place: RemotePlace; login: RemoteLogin; user: string }

/** How long a manager may be silent before it is asked once more, and then given up, in milliseconds: so that with a deadline both are over by then, but for one that is too short for a busy manager. */
export function silenceFor(timeoutMs: number): number {
  return Math.min(30_000, Math.max(2_500, timeoutMs / 2))
}

/**
 * How a manager elsewhere is reached. @param principal who the flags name, with his password @param timeoutMs the deadline of the command
 * @param tell is told when others may read the login @throws Refusal profile.not-found, auth.token, auth.password, usage.*
 */
export async function reach(target: Exclude<Target, { kind: 'embedded' }>, principal: () => Principal, timeoutMs: number | null = null, tell: (line: string) => void = () => {}): Promise<Reached> {
  const silence = timeoutMs === null ? {} : { silentMs: silenceFor(timeoutMs) }
  if (target.kind === 'profile') {
    const profile = readProfile(target.name)
    const open = openToOthers(fileOf(target.name), 'a login')
    if (open !== null) tell(open)
    if (profile.token === '') throw new Refusal('auth.token', `nobody has logged in by profile ${target.name} yet`, `log in: ovmcli profile add ${target.name}`)
    if (Date.parse(profile.expiresAt) <= Date.now()) throw new Refusal('auth.token', `the login of profile ${target.name} expired at ${profile.expiresAt}`, `log in again: ovmcli profile add ${target.name}`)
    return { place: { url: profile.manager, trust: trustOf(profile.trust), ...silence }, login: { token: profile.token }, user: profile.user }
  }
  const { user, password } = principal()
  if (password === undefined) throw passwordMissing(user)
  return { place: { ...(await placeOf(target)), ...silence }, login: { user, password: () => password }, user }
}

/** Who logs in with a manager elsewhere always shows his password; on a terminal he is asked for it, and the command begins again. */
export function passwordMissing(user: string): Refusal {
  return new Refusal('auth.password', `${user} logs in with his password, and none was given`, 'give it with --password-file FILE, OVMCLI_PASSWORD_FILE or OVMCLI_PASSWORD', { user, given: false })
}
