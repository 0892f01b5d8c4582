import type { ProfileSummary } from '../contract/remote.js'
import { currentProfile, readProfile, type Profile } from './profiles.js'
import { Refusal } from './refusal.js'

/** A profile as it is shown. @throws Refusal profile.not-found, usage.config */
export function profileSummary(name: string, profile: Profile = readProfile(name)): ProfileSummary {
  const { manager, user, farm, trust, token, expiresAt } = profile
  return {
    name, manager, user, farm: farm === '' ? null : farm, current: currentProfile() === name, trust: trust.kind, fingerprint: trust.kind === 'pinned' ? trust.fingerprint : null, ca: trust.kind === 'ca' ? trust.file : null,
    expiresAt: token === '' ? null : expiresAt, state: token === '' ? 'no-login' : Date.parse(expiresAt) > Date.now() ? 'valid' : 'expired',
  }
}

/** The same of any profile, and what it says; of a damaged one, whose `profile` is null, `fault` is what is wrong, and little else is known than its name. @throws Refusal profile.not-found */
export function shownProfile(name: string): { summary: ProfileSummary; profile: Profile; fault: null } | { summary: ProfileSummary; profile: null; fault: Refusal } {
  try {
    const profile = readProfile(name)
    return { summary: profileSummary(name, profile), profile, fault: null }
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'usage.config') throw error
    return { summary: { name, manager: null, user: null, farm: null, current: currentProfile() === name, trust: null, fingerprint: null, ca: null, expiresAt: null, state: 'damaged' }, profile: null, fault: error }
  }
}
