import type { RunOperation } from './operations.js'

export const roles = ['user', 'manager', 'administrator'] as const
/** What a user is in the farm. */
export type Role = (typeof roles)[number]

/**
 * How far a permission reaches: `none`; `own` (guests he owns or that are shared with his groups);
 * `granted` (everything in the pools granted to him); `all`.
 */
export type Reach = 'none' | 'own' | 'granted' | 'all'

/** What may be done: looking at a kind, an operation of a run, or the simulated farm itself (its end, its faults). */
export type Permission = 'farm.look' | 'farm.manage' | 'vm.look' | 'records.look' | RunOperation

/**
 * The permission table (model.md, "User"): role → how far each permission reaches. The manager checks it on every call;
 * docs and the generated tests read it. Pools, servers, templates and ISOs are visible to all.
 */
export const permissionTable: Record<Role, Record<Permission, Reach>> = {
  user: row('own', 'own', 'none', 'none'),
  manager: row('granted', 'all', 'granted', 'none'),
  administrator: row('all', 'all', 'all', 'all'),
}

function row(guests: Reach, records: Reach, servers: Reach, farm: Reach): Record<Permission, Reach> {
  return {
    'farm.look': 'all', 'farm.manage': farm, 'vm.look': guests, 'records.look': records,
    'vm.start': guests, 'vm.stop': guests, 'vm.reboot': guests, 'vm.pause': guests, 'vm.unpause': guests,
    'vm.suspend': guests, 'vm.resume': guests, 'vm.migrate': guests, 'vm.reset-status': guests, 'vm.update': guests,
    'server.start': servers, 'server.stop': servers, 'server.restart': servers,
  }
}

/** Every permission there is. */
export const permissions = Object.keys(permissionTable.user) as Permission[]

/** How far a role's permission reaches. */
export function reachOf(role: Role, permission: Permission): Reach {
  return permissionTable[role][permission]
}
