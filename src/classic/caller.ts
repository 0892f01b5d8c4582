import { connection } from '../cli/connection.js'
import { readDefaults, type Defaults } from '../cli/defaults.js'
import { principalOf, typedAnother } from '../cli/login.js'
import { namingProfile } from '../cli/naming-profile.js'
import { homeFolder } from '../cli/places.js'
import { currentProfile, readProfile, trustOf } from '../cli/profiles.js'
import { passwordMissing, reach } from '../cli/reach.js'
import { say } from '../cli/streams.js'
import { targetOf } from '../cli/target.js'
import type { Manager } from '../contract/manager.js'
import type { Principal } from '../contract/requests.js'

/** A manager, and who asks it. */
export interface Caller { manager: Manager; principal: Principal }

/**
 * Has somebody ask the manager that commands work on when they name no other: the profile in use, the manager of the configuration,
 * else the farm of this machine. Without a password it is taken from where the other spelling takes it, and the login of a profile does
 * where it is his. @throws Refusal auth.*, farm.*, manager.*, profile.not-found
 */
export async function askedBy(user: string, password: string | undefined, work: (caller: Caller) => Promise<number>): Promise<number> {
  const defaults = await readDefaults()
  for (let tries = 0; ; tries++) {
    let caller: Caller | null = null
    try {
      caller = await callerOf(password === undefined ? principalOf(user, undefined, defaults, say) : { user, password }, defaults)
      return await work(caller)
    } catch (error) {
      // Who is not known yet has done nothing: it begins again.
      if (!(await typedAnother(error, tries))) throw namingProfile(error, currentProfile())
    } finally {
      if (caller) await connection().releaseManager(caller.manager)
    }
  }
}

async function callerOf(principal: Principal, defaults: Defaults): Promise<Caller> {
  const { user, password } = principal
  const target = targetOf({}, defaults, currentProfile)
  if (target.kind === 'embedded') return { manager: await connection().openManager({ home: homeFolder(), farm: target.farm }), principal }
  if (target.kind === 'profile') {
    const { manager: url, trust, user: whose, expiresAt } = readProfile(target.name)
    if (password !== undefined) return { manager: await connection().openRemote({ url, trust: trustOf(trust) }, { user, password: () => password }), principal: { user } }
    if (whose !== user || Date.parse(expiresAt) <= Date.now()) throw passwordMissing(user)
  }
  const { place, login } = await reach(target, () => principal, null, say)
  return { manager: await connection().openRemote(place, login), principal: { user } }
}
