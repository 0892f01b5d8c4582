import { operationRow, runOperations, type RunOperation } from './operations.js'
import type { Concern } from './operations/row.js'

export const roles = ['user', 'manager', 'administrator'] as const
/** What a user is in the farm. */
export type Role = (typeof roles)[number]

/**
 * How far a permission reaches: `none`; `own` (guests he owns or that are shared with his groups; himself);
 * `granted` (everything in the pools granted to him); `all`.
 */
export type Reach = 'none' | 'own' | 'granted' | 'all'

const lookPermissions = ['farm.look', 'vm.look', 'records.look', 'people.look'] as const
/** What may be done: looking at a kind, an operation of a run, or the simulated farm itself (its end, its faults). */
export type Permission = (typeof lookPermissions)[number] | 'farm.manage' | RunOperation

/** How far a role reaches with operations on guests, on what belongs to a pool, on people, on himself, and on the simulated farm itself. */
const reaches: Record<Role, Record<Concern, Reach> & Record<(typeof lookPermissions)[number], Reach>> = {
  user: { guests: 'own', pools: 'none', people: 'none', himself: 'own', farm: 'none', 'farm.look': 'all', 'vm.look': 'own', 'records.look': 'own', 'people.look': 'own' },
  manager: { guests: 'granted', pools: 'granted', people: 'none', himself: 'own', farm: 'none', 'farm.look': 'all', 'vm.look': 'granted', 'records.look': 'all', 'people.look': 'all' },
  administrator: { guests: 'all', pools: 'all', people: 'all', himself: 'all', farm: 'all', 'farm.look': 'all', 'vm.look': 'all', 'records.look': 'all', 'people.look': 'all' },
}

/**
 * The permission table (model.md, "User"): role → how far each permission reaches. The manager checks it on every call;
 * docs and the generated tests read it. Pools, servers, templates and ISOs are visible to all.
 */
export const permissionTable: Record<Role, Record<Permission, Reach>> = { user: row('user'), manager: row('manager'), administrator: row('administrator') }

function row(role: Role): Record<Permission, Reach> {
  const reach = reaches[role]
  return Object.fromEntries([
    ...lookPermissions.map(look => [look, reach[look]]), ['farm.manage', reach.farm], ...runOperations.map(operation => [operation, reach[operationRow(operation).concerns]]),
  ]) as Record<Permission, Reach>
}

/** Every permission there is. */
export const permissions = Object.keys(permissionTable.user) as Permission[]

/** How far a role's permission reaches. */
export function reachOf(role: Role, permission: Permission): Reach {
  return permissionTable[role][permission]
}
