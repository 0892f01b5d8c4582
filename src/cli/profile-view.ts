import type { ProfileSummary } from '../contract/remote.js'
import { currentProfile, readProfile, type Profile } from './profiles.js'

/** A profile as it is shown. @throws Refusal profile.not-found, usage.config */
export function profileSummary(name: string, profile: Profile = readProfile(name)): ProfileSummary {
  const { manager, user, farm, trust, expiresAt } = profile
  return {
    name, manager, user, farm, current: currentProfile() === name, trust: trust.kind, fingerprint: trust.kind === 'pinned' ? trust.fingerprint : null, ca: trust.kind === 'ca' ? trust.file : null, expiresAt,
    state: Date.parse(expiresAt) > Date.now() ? 'valid' : 'expired',
  }
}
