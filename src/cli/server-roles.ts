import { serverRoles, type ServerRole } from '../model/object-states.js'
import { Refusal } from './refusal.js'

/** The roles of --roles, apart by commas. @throws Refusal usage.argument */
export function rolesOf(text: string): ServerRole[] {
  const roles = text.split(',').map(role => role.trim()).filter(role => role !== '')
  const unknown = roles.find(role => !serverRoles.some(known => known === role))
  if (unknown !== undefined || roles.length === 0) throw new Refusal('usage.argument', unknown === undefined ? '--roles names no role' : `--roles: there is no role ${JSON.stringify(unknown)}`, `roles: ${serverRoles.join(', ')}, one to three of them apart by commas`)
  return [...new Set(roles)] as ServerRole[]
}
