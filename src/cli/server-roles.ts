import { serverRoles, type ServerRole } from '../model/object-states.js'
import { Refusal } from './refusal.js'

/** The roles of a flag, apart by commas. @throws Refusal usage.argument */
export function serverRolesOf(text: string): ServerRole[] {
  const given = text.split(',').map(role => role.trim())
  const unknown = given.find(role => !(serverRoles as readonly string[]).includes(role))
  if (unknown !== undefined) throw new Refusal('usage.argument', `--roles: there is no role ${JSON.stringify(unknown)}`, `roles: ${serverRoles.join(', ')}, several apart by commas`)
  return [...new Set(given)] as ServerRole[]
}
