import type { HealthCheck } from '../../contract/farms.js'
import type { Principal } from '../../contract/requests.js'
import { connection } from '../connection.js'
import { namingProfile } from '../naming-profile.js'
import { readProfile } from '../profiles.js'
import { reach } from '../reach.js'
import { Refusal } from '../refusal.js'
import type { Target } from '../target.js'
import { broken, ok, warning } from './finding.js'

/** How long before its end a login is spoken of, in milliseconds. */
const soonMs = 3_600_000

/** What each kind of trouble on the way to a manager is about; everything else is about the manager. */
const about: Readonly<Record<string, string>> = { 'manager.certificate': 'manager certificate', 'manager.host': 'manager certificate', 'manager.plain': 'manager TLS', 'manager.version': 'manager version' }

/** How long the doctor waits for a manager, in milliseconds. */
const patienceMs = 20_000

/** Checks the way to the manager that commands use, when it is one elsewhere: host and port, TLS, certificate, version, login. */
export async function managerChecks(target: () => Target, principal: () => Principal): Promise<HealthCheck[]> {
  let profile: string | null = null
  try {
    const aim = target()
    if (aim.kind === 'embedded') return []
    if (aim.kind === 'profile') {
      profile = aim.name
      if (readProfile(aim.name).token === '') return [warning('manager login', `nobody has logged in by profile ${aim.name} yet: only the classic spelling does, with a password each time`, `log in: ovmcli profile add ${aim.name}`)]
    }
    const { place, login, user } = await reach(aim, principal, patienceMs)
    const manager = await connection().openRemote(place, login)
    try {
      const { role, farm } = await manager.whoAmI({ principal: { user } })
      return [ok('manager', `${place.url} answers: farm ${farm}, ${user} (${role})`), ...(aim.kind === 'profile' ? [loginCheck(aim.name)] : [])]
    } finally {
      await connection().releaseManager(manager)
    }
  } catch (thrown) {
    const error = namingProfile(thrown, profile)
    if (!(error instanceof Refusal)) throw error
    const check = error.code.startsWith('auth.') ? 'manager login' : (about[error.code] ?? 'manager')
    return [broken(check, error.message, error.hint ?? 'see profile show')]
  }
}

function loginCheck(name: string): HealthCheck {
  const { expiresAt } = readProfile(name)
  const message = `the login of profile ${name} holds until ${expiresAt}`
  return Date.parse(expiresAt) - Date.now() < soonMs ? warning('manager login', message, `log in again: ovmcli profile add ${name}`) : ok('manager login', message)
}
