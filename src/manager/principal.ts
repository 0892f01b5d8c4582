import type { Principal } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import type { UserState } from '../model/object-states.js'
import { isOperation, operationWords } from '../model/operations.js'
import { reachOf, type Permission, type Role } from '../model/permissions.js'
import type { Reader } from '../store/store.js'
import type { Condition } from './query.js'

/** A known user, as every check sees him. */
export interface Caller {
  user: string
  role: Role
  state: UserState
  email: string | null
  groups: string[]
  pools: string[]
}

/** Who the principal is. @throws Refusal auth.unknown-user, auth.locked */
export async function identify(reader: Reader, principal: Principal): Promise<Caller> {
  const caller = await callerNamed(reader, principal.user)
  if (!caller) throw new Refusal('auth.unknown-user', `nobody called ${JSON.stringify(principal.user)} may log in`, 'choose another with --user')
  if (caller.state !== 'active') throw new Refusal('auth.locked', `the account of ${caller.user} is locked`, 'ask an administrator to unlock it')
  return caller
}

/** The user of this name, whatever his state; null where there is none. */
export async function callerNamed(reader: Reader, user: string): Promise<Caller | null> {
  const [row] = await reader.select<{ name: string; role: Role; state: UserState; email: string | null; groups: string; pools: string }>(
    { name: 'name', role: 'role', state: 'state', email: 'email', groups: 'groups', pools: 'pools' }, 'from user where name = ?', [user])
  return row ? { user: row.name, role: row.role, state: row.state, email: row.email, groups: JSON.parse(row.groups) as string[], pools: JSON.parse(row.pools) as string[] } : null
}

/** Refuses what the caller's role may never do, before anything is looked up. @param words what he wanted, where the permission is called otherwise @throws Refusal auth.denied */
export function permit(caller: Caller, permission: Permission, words?: string): void {
  if (reachOf(caller.role, permission) !== 'none') return
  const wanted = words ?? (isOperation(permission) ? operationWords(permission) : permission.replace('.', ' '))
  throw new Refusal('auth.denied', `${caller.user} (${caller.role}) may not ${permission === 'farm.manage' ? 'manage the farm' : `use ${wanted}`}`, reachOf('manager', permission) === 'none' ? 'ask an administrator' : 'ask a manager or an administrator')
}

/**
 * The objects that a permission of the caller reaches, as a condition over `vm g`, or whatever else belongs to a pool, joined with
 * `pool p`; of users (`user h`) it can be himself.
 */
export function reached(caller: Caller, permission: Permission): Condition {
  // Public guests are there to look at and to clone (model.md, "User").
  if (permission === 'vm.clone') return visible(caller)
  const reach = reachOf(caller.role, permission)
  if (!permission.startsWith('vm.') && reach === 'granted') return { sql: 'p.name in (select value from json_each(?))', params: [JSON.stringify(caller.pools)] }
  switch (reach) {
    case 'all': return { sql: '1', params: [] }
    case 'none': return { sql: '0', params: [] }
    case 'granted': return { sql: `p.name in (select value from json_each(?)) or g.owner = ?`, params: [JSON.stringify(caller.pools), caller.user] }
    case 'own': return !permission.startsWith('vm.') ? { sql: 'h.name = ?', params: [caller.user] } : { sql: `g.owner = ? or (g.visibility = 'shared' and g.group_name in (select value from json_each(?)))`, params: [caller.user, JSON.stringify(caller.groups)] }
  }
}

/** The guests that the caller may see: those he may act on, and public ones. */
export function visible(caller: Caller): Condition {
  const own = reached(caller, 'vm.look')
  return own.sql === '1' ? own : { sql: `${own.sql} or g.visibility = 'public'`, params: own.params }
}

/** The shared disks that the caller may see, as a condition over `resource t`: they tell of the guests that have them, which he may have to see all. */
export function visibleDisks(caller: Caller): Condition {
  const guests = visible(caller)
  if (guests.sql === '1') return guests
  return { sql: `not exists (select 1 from attachment a join vm g on g.id = a.vm_id join pool p on p.id = g.pool_id where a.disk_id = t.id and not coalesce((${guests.sql}), 0))`, params: guests.params }
}

/** The users that the caller may see, as a condition over `user h`: himself, or all. */
export function visiblePeople(caller: Caller): Condition {
  return reachOf(caller.role, 'people.look') === 'all' ? { sql: '1', params: [] } : { sql: 'h.name = ?', params: [caller.user] }
}

/** Why a user does not share guests with a group that he is not in; a group that there is not he is not in either. */
export function foreignGroup(caller: Caller, group: string): string {
  return `${caller.user} is not in group ${group}, and shares guests with his own groups only`
}

/** Which groups he is in. */
export function hisGroups(caller: Caller): string {
  return caller.groups.length > 0 ? `his are ${caller.groups.join(', ')}` : 'he is in none'
}

/** The groups that the caller may see, as a condition over `people_group q`: his own, or all. */
export function visibleGroups(caller: Caller): Condition {
  return reachOf(caller.role, 'people.look') === 'all' ? { sql: '1', params: [] } : { sql: 'q.name in (select value from json_each(?))', params: [JSON.stringify(caller.groups)] }
}

/** The runs that the caller may see, as a condition over a run's user: his own, or all for managers and administrators. */
export function visibleRuns(caller: Caller, userExpression: string): Condition {
  return reachOf(caller.role, 'records.look') === 'all' ? { sql: '1', params: [] } : { sql: `${userExpression} = ?`, params: [caller.user] }
}
