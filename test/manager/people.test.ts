import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { noNarrowing, type RunRequest } from '../../src/contract/requests.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { Refusal } from '../../src/model/errors.js'
import type { RunOperation } from '../../src/model/operations.js'
import { figure8, requestOf } from './permitted-farm.js'

// What scrypt makes of a password is not what is looked at here.
vi.mock('../../src/manager/people/scrypt.js', () => ({ hashPassword: async () => '$kept$', isPassword: async () => true }))

interface User { name: string; role: string; state: string; groups: string[]; pools: string[] }

async function all<T>(farm: EmbeddedManager, user: string, kind: 'user' | 'group' | 'vm'): Promise<T[]> {
  return JSON.parse((await farm.list({ principal: { user, password: 'any' }, kind, narrowing: noNarrowing, columns: null, sort: null, limit: null, cursor: null })).json) as T[]
}

const names = ['admin', 'operator', 'alice', 'bob', 'carol']
const groups = ['web', 'db']
const name = fc.constantFrom(...names)
const some = (of: string[]) => fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: 3 })
interface Step { user: string; operation: RunOperation; targets: string[]; details?: object }
const step = (operation: RunOperation, targets: fc.Arbitrary<string[]>, details?: fc.Arbitrary<object>): fc.Arbitrary<Step> => fc.record({ user: fc.constantFrom(...names, 'admin', 'admin', 'admin'), operation: fc.constant(operation), targets, ...(details ? { details } : {}) })
const steps = fc.array(fc.oneof(
  step('user.create', fc.constant([]), fc.record({ name, role: fc.constantFrom('user', 'manager', 'administrator'), email: fc.constant(null), password: fc.constant('a long pass phrase') })),
  step('user.update', some(names), fc.record({ role: fc.constantFrom('user', 'manager', 'administrator') })),
  step('user.delete', some(names), fc.record({ newOwner: fc.option(name) })),
  step('user.lock', some(names)), step('user.unlock', some(names)),
  step('user.grant', some(names).map(of => of.slice(0, 1)), fc.record({ pools: some(['pool1', 'pool2']) })),
  step('user.revoke', some(names).map(of => of.slice(0, 1)), fc.record({ pools: some(['pool1', 'pool2']) })),
  step('group.create', fc.constant([]), fc.record({ name: fc.constantFrom(...groups), description: fc.constant(null) })),
  step('group.delete', some(groups)),
  step('group.add', some(groups).map(of => of.slice(0, 1)), fc.record({ users: some(names) })),
  step('group.remove', some(groups).map(of => of.slice(0, 1)), fc.record({ users: some(names) })),
), { minLength: 1, maxLength: 30 })

async function take(farm: EmbeddedManager, { user, operation, targets, details }: Step, number: number): Promise<string> {
  const request: RunRequest = { ...requestOf(user, operation, ...targets), principal: { user, password: 'any' }, requestKey: `step ${number}` }
  try {
    const handle = await farm.startRun({ ...request, selector: { ...request.selector, all: false }, options: { ...request.options, ...(details ? { details } : {}) } })
    const report = await farm.runReport({ principal: request.principal, run: handle.run })
    expect(report.total, operation).toBe(report.done + report.unchanged + report.failed)
    return report.done > 0 ? 'done' : (report.items[0]?.error?.code ?? 'unchanged')
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

/** A sequence that comes to every rule once. */
const told: Step[] = [
  { user: 'admin', operation: 'user.update', targets: ['admin'], details: { role: 'user' } },
  { user: 'admin', operation: 'user.create', targets: [], details: { name: 'bob', role: 'manager', email: null, password: 'a long pass phrase' } },
  { user: 'admin', operation: 'user.grant', targets: ['bob'], details: { pools: ['pool1'] } },
  { user: 'admin', operation: 'user.delete', targets: ['alice', 'bob'], details: { newOwner: null } },
  { user: 'admin', operation: 'user.delete', targets: ['alice'], details: { newOwner: null } },
  { user: 'admin', operation: 'group.delete', targets: ['web'] },
  { user: 'admin', operation: 'user.update', targets: ['operator'], details: { role: 'administrator' } },
  { user: 'operator', operation: 'user.lock', targets: ['admin', 'operator'] },
  { user: 'operator', operation: 'user.delete', targets: ['admin', 'alice'], details: { newOwner: 'operator' } },
]

describe('whatever is done to users and groups, by whom ever', () => {
  it('there is an active administrator, guests have owners that there are, members groups that there are, and only managers pools', async () => {
    const seen = new Set<string>()
    await fc.assert(fc.asyncProperty(steps, async sequence => {
      const farm = await figure8({ vm1: { owner: 'alice' }, vm2: { owner: 'alice', visibility: 'shared', group_name: 'web' } }, { alice: { groups: '["web"]' } }, ['web'])
      for (const [number, one] of sequence.entries()) {
        seen.add(`${one.operation} ${await take(farm, one, number)}`)
        // Whoever still is one looks.
        let watcher: string | null = null
        for (const user of names) watcher ??= await farm.whoAmI({ principal: { user, password: 'any' } }).then(account => (account.role === 'administrator' ? user : null), () => null)
        expect(watcher, JSON.stringify(one)).not.toBeNull()
        const [users, there, vms] = [await all<User>(farm, watcher!, 'user'), await all<{ name: string; members: string[] }>(farm, watcher!, 'group'), await all<{ owner: string; group: string | null }>(farm, watcher!, 'vm')]
        const userNames = new Set(users.map(user => user.name))
        const groupNames = new Set(there.map(group => group.name))
        expect(users.filter(user => user.role === 'administrator' && user.state === 'active').length).toBeGreaterThan(0)
        for (const vm of vms) expect([userNames.has(vm.owner), vm.group === null || groupNames.has(vm.group)], JSON.stringify(one)).toEqual([true, true])
        for (const user of users) {
          expect(user.groups.every(group => groupNames.has(group)), JSON.stringify([one, user])).toBe(true)
          if (user.role !== 'manager') expect(user.pools, JSON.stringify([one, user])).toEqual([])
        }
        for (const group of there) expect(group.members.every(member => userNames.has(member))).toBe(true)
      }
    }), { numRuns: 30, examples: [[told]] })
    // The sequence that is always among them reaches what it is to reach.
    for (const wanted of ['user.lock done', 'user.delete done', 'user.delete user.owns', 'group.delete group.in-use', 'user.create done', 'user.update user.last-admin', 'user.grant done']) expect([...seen]).toContain(wanted)
  })
})
