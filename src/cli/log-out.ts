import type { RemoteDesk } from '../contract/remote.js'
import { Refusal } from './refusal.js'
import { keepProfile, trustOf, type Profile } from './profiles.js'

/** How long a manager that is to end a login may be silent, in milliseconds: nothing waits for it. */
const silentMs = 10_000

/** Ends the login of a profile with its manager, where it holds one that has not expired. @returns why that could not be done; null: no login of it holds any more */
export async function logOutOf(desk: RemoteDesk, { manager, trust, token, expiresAt }: Profile): Promise<string | null> {
  if (token === '' || Date.parse(expiresAt) <= Date.now()) return null
  try {
    await desk.logOut({ url: manager, trust: trustOf(trust), silentMs }, token)
    return null
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.code === 'auth.token' ? null : error.message
  }
}

/**
 * Keeps a profile, in the place of one that there was: that one's login is ended then. @returns why it could not be; null: it is, or there was none
 * @throws Refusal store.* where the profile cannot be kept; the login that it was to hold is ended
 */
export async function replaceProfile(desk: RemoteDesk, name: string, profile: Profile, before: Profile | null): Promise<string | null> {
  try {
    keepProfile(name, profile)
  } catch (error) {
    await logOutOf(desk, profile)
    throw error
  }
  if (before === null || before.token === '') return null
  // The same manager may have another certificate by now: it is known by the one that is trusted today.
  const why = await logOutOf(desk, before.manager === profile.manager ? { ...before, trust: profile.trust } : before)
  return why === null ? null : `the login that profile ${name} held with ${before.manager} was not ended, and holds until ${before.expiresAt}: ${why}`
}
