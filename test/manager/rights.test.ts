import { describe, expect, it, vi } from 'vitest'
import { lookPermission, recordKinds } from '../../src/contract/fields.js'
import { noNarrowing } from '../../src/contract/requests.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { kindOf, operationRow, runOperations } from '../../src/model/operations.js'
import { permissions, reachOf } from '../../src/model/permissions.js'
import { refusalOf } from '../refusal.js'
import { all, expected, groups, guests, people, roleOf, sees } from './permission-truth.js'
import { figure8, found, madeIn, requestOf } from './permitted-farm.js'

// What scrypt makes of a password is not what is looked at here.
vi.mock('../../src/manager/people/scrypt.js', () => ({ hashPassword: async () => '$kept$', isPassword: async () => true }))

function farmOfAll(): Promise<EmbeddedManager> {
  return figure8(guests, people, groups)
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
