import type { RemoteLogin, RemotePlace } from '../contract/remote.js'
import type { Principal } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { readProfile, trustOf } from './profiles.js'
import { placeOf, type Target } from './target.js'

/** A manager elsewhere, and who asks it. */
export interface Reached { place: RemotePlace; login: RemoteLogin; user: string }

/** How a manager elsewhere is reached. @param principal who the flags name, with his password @throws Refusal profile.not-found, auth.token, auth.password, usage.* */
export async function reach(target: Exclude<Target, { kind: 'embedded' }>, principal: () => Principal): Promise<Reached> {
  if (target.kind === 'profile') {
    const profile = readProfile(target.name)
    if (Date.parse(profile.expiresAt) <= Date.now()) throw new Refusal('auth.token', `the login of profile ${target.name} expired at ${profile.expiresAt}`, `log in again: ovmcli profile add ${target.name}`)
    return { place: { url: profile.manager, trust: trustOf(profile.trust) }, login: { token: profile.token }, user: profile.user }
  }
  const { user, password } = principal()
  if (password === undefined) throw passwordMissing(user)
  return { place: await placeOf(target), login: { user, password: () => password }, user }
}

/** Who logs in with a manager elsewhere always shows his password; on a terminal he is asked for it, and the command begins again. */
export function passwordMissing(user: string): Refusal {
  return new Refusal('auth.password', `${user} logs in with his password, and none was given`, 'give it with --password-file FILE, OVMCLI_PASSWORD_FILE or OVMCLI_PASSWORD', { user, given: false })
}
