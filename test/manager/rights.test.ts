import { describe, expect, it, vi } from 'vitest'
import { lookPermission, recordKinds, type RecordKind } from '../../src/contract/fields.js'
import { noNarrowing } from '../../src/contract/requests.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { kindOf, operationRow, runOperations, type RunOperation } from '../../src/model/operations.js'
import { permissions, reachOf, type Role } from '../../src/model/permissions.js'
import { refusalOf } from '../refusal.js'
import { figure8, found, madeIn, requestOf } from './permitted-farm.js'

// What scrypt makes of a password is not what is looked at here.
vi.mock('../../src/manager/people/scrypt.js', () => ({ hashPassword: async () => '$kept$', isPassword: async () => true }))

/** Who there is, by role. */
const roleOf: Readonly<Record<string, Role>> = { admin: 'administrator', operator: 'manager', alice: 'user' }
const groupsOf: Readonly<Record<string, readonly string[]>> = { admin: [], operator: ['web'], alice: ['web'] }
const granted = 'pool1'

interface Guest { owner: string; visibility: 'private' | 'shared' | 'public'; group_name: string | null }
const guest = (owner: string, visibility: Guest['visibility'], group: string | null = null): Guest => ({ owner, visibility, group_name: group })

/** Own, shared, public and foreign guests of everybody, in a pool that is granted to the manager and in one that is not. */
const guests: Readonly<Record<string, Guest>> = {
  vm1: guest('alice', 'private'), vm2: guest('admin', 'public'), vm3: guest('admin', 'shared', 'web'), vm4: guest('admin', 'private'), vm5: guest('operator', 'shared', 'db'), vm6: guest('admin', 'private', 'web'),
  vm7: guest('operator', 'private'), vm8: guest('admin', 'private'), vm9: guest('admin', 'public'), vm10: guest('admin', 'shared', 'web'),
}

function farmOfAll(): Promise<EmbeddedManager> {
  return figure8(guests as never, { alice: { groups: '["web"]' }, operator: { groups: '["web"]', pools: `["${granted}"]` } }, ['web', 'db'])
}

interface Found { name: string; pool: string | null }

/** All there is of a kind, as the administrator sees it. */
async function all(farm: EmbeddedManager, user: string, kind: RecordKind): Promise<Found[]> {
  const page = await farm.list({ principal: { user }, kind, narrowing: noNarrowing, columns: null, sort: null, limit: null, cursor: null })
  return (JSON.parse(page.json) as { id?: string; name?: string; pool?: string }[]).map(({ id, name, pool }) => ({ name: kind === 'template' || kind === 'iso' || kind === 'image' ? `${pool}/${name}` : (name ?? id!), pool: kind === 'pool' ? name! : (pool ?? null) }))
}

/** Whether somebody sees an object (model.md, "User"). */
function sees(user: string, kind: RecordKind, { name, pool }: Found): boolean {
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

function expected(user: string, operation: RunOperation, object: Found): string {
  const kind = kindOf(operation)
  if (reachOf(roleOf[user]!, operation) === 'none') return 'auth.denied'
  if (madeIn(operation) === 'nothing') return 'allowed'
  if (madeIn(operation) === 'pool') return roleOf[user] === 'manager' && object.name !== granted ? 'auth.denied' : 'allowed'
  if (!sees(user, kind, object)) return `not-found.${kind}`
  // What is public is there to be cloned.
  return operation === 'vm.clone' || acts(user, kind, object) ? 'allowed' : 'auth.denied'
}

describe('every operation, by every role, on own, shared, public and foreign objects', () => {
  it.each(runOperations)('%s is permitted as the table says, and what may not be seen is not there', async operation => {
    const farm = await farmOfAll()
    const made = madeIn(operation)
    const objects = made === 'nothing' ? [{ name: 'new', pool: null }] : await all(farm, 'admin', made === 'pool' ? 'pool' : kindOf(operation))
    for (const user of Object.keys(roleOf)) {
      const truth = Object.fromEntries(objects.map(object => [object.name, expected(user, operation, object)]))
      expect(await found(farm, user, operation, objects.map(object => object.name)), user).toEqual(truth)
      // What a role may never do is refused before anything is looked up.
      if (reachOf(roleOf[user]!, operation) === 'none') expect((await refusalOf(farm.startRun(requestOf(user, operation, 'nowhere')))).code).toBe('auth.denied')
    }
    // A table whose objects are all alike would prove nothing.
    if (operationRow(operation).concerns === 'guests' && made === null) expect(new Set(objects.map(object => expected('alice', operation, object))).size).toBe(operation === 'vm.clone' ? 2 : 3)
  })
})

describe('every permission to look', () => {
  it('shows each role what it may see, and of the rest nothing, by name either', async () => {
    const farm = await farmOfAll()
    for (const [user, vm] of [['alice', 'vm1'], ['operator', 'vm4'], ['admin', 'vm8']] as const) {
      const handle = await farm.startRun(requestOf(user, 'vm.update', vm))
      await farm.runReport({ principal: { user }, run: handle.run })
    }
    const byUser = ['run', 'job', 'event']
    const seen = new Set<string>()
    for (const kind of recordKinds) {
      seen.add(lookPermission(kind))
      const objects = await all(farm, 'admin', kind)
      for (const user of Object.keys(roleOf)) {
        const there = await all(farm, user, kind)
        if (byUser.includes(kind)) {
          const column = JSON.parse((await farm.list({ principal: { user }, kind, narrowing: noNarrowing, columns: ['user'], sort: null, limit: null, cursor: null })).json) as { user: string }[]
          expect([...new Set(column.map(row => row.user))].sort(), `${user} ${kind}`).toEqual(roleOf[user] === 'user' ? ['alice'] : ['admin', 'alice', 'operator'])
        } else expect(there.map(one => one.name), `${user} ${kind}`).toEqual(objects.filter(object => sees(user, kind, object)).map(one => one.name))
        for (const { name } of objects.filter(object => !there.some(one => one.name === object.name && one.pool === object.pool))) {
          expect((await refusalOf(farm.show({ principal: { user }, kind, names: [name], columns: null }))).code, `${user} ${kind} ${name}`).toBe(`not-found.${kind}`)
        }
      }
    }
    expect([...seen].sort()).toEqual(permissions.filter(permission => permission.endsWith('.look')).sort())
  })

  it('and manages the farm as the table says', async () => {
    const farm = await farmOfAll()
    for (const [user, role] of Object.entries(roleOf)) expect((await farm.mayI({ principal: { user }, action: 'farm.manage', kind: null, name: null })).allowed, user).toBe(reachOf(role, 'farm.manage') !== 'none')
  })
})
