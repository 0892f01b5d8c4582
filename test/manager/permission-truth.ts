import type { Manager } from '../../src/contract/manager.js'
import type { RecordKind } from '../../src/contract/fields.js'
import { noNarrowing } from '../../src/contract/requests.js'
import { kindOf, type RunOperation } from '../../src/model/operations.js'
import { reachOf, type Role } from '../../src/model/permissions.js'
import { madeIn } from './permitted-farm.js'

/** Who there is, by role. */
export const roleOf: Readonly<Record<string, Role>> = { admin: 'administrator', operator: 'manager', alice: 'user' }
const groupsOf: Readonly<Record<string, readonly string[]>> = { admin: [], operator: ['web'], alice: ['web'] }
/** The pool that the manager has. */
const granted = 'pool1'
/** The groups that there are, and what the users are beside their roles. */
export const groups = ['web', 'db'] as const
export const people = { alice: { groups: '["web"]' }, operator: { groups: '["web"]', pools: `["${granted}"]` } } as const

type Guest = { owner: string; visibility: 'private' | 'shared' | 'public'; group_name: string | null }
const guest = (owner: string, visibility: Guest['visibility'], group: string | null = null): Guest => ({ owner, visibility, group_name: group })

/** Own, shared, public and foreign guests of everybody, in a pool that is granted to the manager and in one that is not. */
export const guests: Readonly<Record<string, Guest>> = {
  vm1: guest('alice', 'private'), vm2: guest('admin', 'public'), vm3: guest('admin', 'shared', 'web'), vm4: guest('admin', 'private'), vm5: guest('operator', 'shared', 'db'), vm6: guest('admin', 'private', 'web'),
  vm7: guest('operator', 'private'), vm8: guest('admin', 'private'), vm9: guest('admin', 'public'), vm10: guest('admin', 'shared', 'web'),
}

/** An object, as far as permission goes. */
export interface Found { name: string; pool: string | null }

/** All there is of a kind, as the administrator sees it. */
export async function all(farm: Pick<Manager, 'list'>, user: string, kind: RecordKind): Promise<Found[]> {
  const page = await farm.list({ principal: { user }, kind, narrowing: noNarrowing, columns: null, sort: null, limit: null, cursor: null })
  return (JSON.parse(page.json) as { id?: string; name?: string; pool?: string }[]).map(({ id, name, pool }) => ({ name: kind === 'template' || kind === 'iso' || kind === 'image' ? `${pool}/${name}` : (name ?? id!), pool: kind === 'pool' ? name! : (pool ?? null) }))
}

/** Whether somebody sees an object (model.md, "User"). */
export function sees(user: string, kind: RecordKind, { name, pool }: Found): boolean {
  const role = roleOf[user]!
  if (role === 'administrator') return true
  if (kind === 'vm') return acts(user, 'vm', { name, pool }) || guests[name]!.visibility === 'public'
  if (role === 'manager') return true
  if (kind === 'user') return name === user
  return kind === 'group' ? groupsOf[user]!.includes(name) : true
}

/** Whether an object is one of those that somebody may act on, if his role may at all. */
function acts(user: string, kind: RecordKind, { name, pool }: Found): boolean {
  if (roleOf[user] === 'administrator') return true
  if (kind === 'user') return name === user
  if (roleOf[user] === 'manager') return pool === granted || (kind === 'vm' && guests[name]!.owner === user)
  if (kind !== 'vm') return false
  const { owner, visibility, group_name: group } = guests[name]!
  return owner === user || (visibility === 'shared' && groupsOf[user]!.includes(group!))
}

/** What somebody is to find of an object with an operation: allowed, auth.denied, or not-found.*. */
export function expected(user: string, operation: RunOperation, object: Found): string {
  const kind = kindOf(operation)
  if (reachOf(roleOf[user]!, operation) === 'none') return 'auth.denied'
  if (madeIn(operation) === 'nothing') return 'allowed'
  if (madeIn(operation) === 'pool') return roleOf[user] === 'manager' && object.name !== granted ? 'auth.denied' : 'allowed'
  if (!sees(user, kind, object)) return `not-found.${kind}`
  // What is public is there to be cloned.
  return operation === 'vm.clone' || acts(user, kind, object) ? 'allowed' : 'auth.denied'
}
