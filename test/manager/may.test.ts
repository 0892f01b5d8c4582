import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Permitted } from '../../src/contract/manager.js'
import type { Action, MayRequest } from '../../src/contract/requests.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { Refusal } from '../../src/model/errors.js'
import { kindOf, runOperations, type RunOperation } from '../../src/model/operations.js'
import { figure8, found, madeIn, requestOf, sharedFarm } from './permitted-farm.js'

// What scrypt makes of a password is not what is looked at here.
vi.mock('../../src/manager/people/scrypt.js', () => ({ hashPassword: async () => '$kept$', isPassword: async () => true }))

const users = ['admin', 'operator', 'alice']
const guests = Array.from({ length: 10 }, (_, at) => `vm${at + 1}`)
const objects: Readonly<Record<string, readonly string[]>> = { vm: guests, server: ['ovs1', 'ovs2', 'ovs3'], pool: ['pool1', 'pool2'], user: users, group: ['web', 'db'], repo: ['pool1', 'pool2'].map(pool => `${pool}//dev/sdb1`), disk: ['pool1-disk', 'pool2-disk'],
  template: ['pool1/ol5u5-pv', 'pool2/ol5u5-pv'], image: ['pool1-image', 'pool2-image'], iso: ['pool1/ol5u5.iso', 'pool2/ol5u5.iso'],
}

function ask(farm: EmbeddedManager, user: string, action: Action, kind: MayRequest['kind'] = null, name: string | null = null): Promise<Permitted> {
  return farm.mayI({ principal: { user }, action, kind, name })
}

/** The code of what some work is refused with; null when it is not. */
async function codeOf(work: Promise<unknown>): Promise<string | null> {
  return work.then(() => null, error => { if (error instanceof Refusal) return error.code; throw error })
}

/** What is said of each object: allowed, auth.denied, or not-found.* where there is none for the user. */
async function told(farm: EmbeddedManager, user: string, operation: RunOperation): Promise<Record<string, string>> {
  const kind = kindOf(operation)
  const said: Record<string, string> = {}
  for (const name of objects[kind]!) {
    let answer: Permitted | null = null
    const code = await codeOf(ask(farm, user, operation, kind, name).then(given => { answer = given }))
    said[name] = code ?? (answer!.allowed ? 'allowed' : 'auth.denied')
  }
  return said
}

describe('may I', () => {
  it('says of every user, operation and object what the command itself does', async () => {
    const farm = await sharedFarm()
    const seen = new Set<string>()
    for (const user of users) {
      for (const operation of runOperations) {
        const byRole = await ask(farm, user, operation)
        // Of what is made from nothing there is nothing yet to ask about.
        const isMade = madeIn(operation) !== null
        const does = await found(farm, user, operation, isMade ? ['pool1'] : objects[kindOf(operation)]!)
        expect(isMade ? { pool1: byRole.allowed ? 'allowed' : 'auth.denied' } : await told(farm, user, operation), `${user} ${operation}`).toEqual(does)
        // Only what a role may never do is refused without a look at any object.
        expect(byRole.allowed, `${user} ${operation}`).toBe(byRole.reach !== 'none')
        if (!byRole.allowed) expect(new Set(Object.values(does))).toEqual(new Set(['auth.denied']))
        for (const code of Object.values(does)) seen.add(code)
      }
    }
    expect([...seen].sort()).toEqual(['allowed', 'auth.denied', 'not-found.user', 'not-found.vm'])
  })

  it('agrees with the command whoever owns, shares and publishes what', async () => {
    const vm = fc.record({ owner: fc.constantFrom('admin', 'operator', 'alice'), visibility: fc.constantFrom('private', 'shared', 'public'), group_name: fc.constantFrom(null, 'web', 'db') })
    const names = (of: string[]) => fc.subarray(of).map(chosen => JSON.stringify(chosen))
    await fc.assert(fc.asyncProperty(fc.array(vm, { minLength: 10, maxLength: 10 }), names(['web', 'db']), names(['pool1', 'pool2']), fc.constantFrom(...users), fc.constantFrom<RunOperation>('vm.update', 'vm.start', 'server.restart'), async (vms, groups, pools, user, operation) => {
      const farm = await figure8(Object.fromEntries(guests.map((name, at) => [name, vms[at]!])), { alice: { groups }, operator: { groups, pools } })
      expect(await told(farm, user, operation)).toEqual(await found(farm, user, operation, objects[kindOf(operation)]!))
    }), { numRuns: 25 })
  })

  it('knows an object by id, by name and by pool/name, and says which it is', async () => {
    const farm = await sharedFarm()
    const byName = (await ask(farm, 'alice', 'vm.start', 'vm', 'vm1')).target!
    expect(byName).toMatchObject({ kind: 'vm', name: 'vm1', pool: 'pool1' })
    for (const name of [byName.id, 'pool1/vm1']) expect((await ask(farm, 'alice', 'vm.start', 'vm', name)).target).toEqual(byName)
    expect(await ask(farm, 'alice', 'vm.start', 'vm', 'vm2')).toMatchObject({ allowed: false, reason: 'alice may look at guest vm2, but not start it', target: { name: 'vm2' } })
    expect(await codeOf(ask(farm, 'alice', 'vm.start', 'vm', 'pool2/vm1'))).toBe('not-found.vm')
    // What a role may never do is refused before anything is looked up.
    expect(await ask(farm, 'alice', 'server.stop', 'server', 'nowhere')).toMatchObject({ allowed: false, target: null, reach: 'none' })
    expect(await codeOf(ask(farm, 'operator', 'server.stop', 'server', 'nowhere'))).toBe('not-found.server')
    expect(await codeOf(ask(farm, 'admin', 'vm.start', 'server', 'ovs1'))).toBe('usage.request')
    expect(await codeOf(ask(farm, 'admin', 'farm.manage', 'vm', 'vm1'))).toBe('usage.request')
  })

  it('lets public guests be looked at, and everything of the farm', async () => {
    const farm = await sharedFarm()
    expect((await ask(farm, 'alice', 'vm.look', 'vm', 'vm2')).allowed).toBe(true)
    expect(await codeOf(ask(farm, 'alice', 'vm.look', 'vm', 'vm4'))).toBe('not-found.vm')
    for (const [kind, name] of [['pool', 'pool2'], ['server', 'ovs3'], ['template', 'pool1/ol5u5-pv']] as const) expect((await ask(farm, 'alice', 'farm.look', kind, name)).allowed, name).toBe(true)
    for (const [user, allowed] of [['admin', true], ['operator', false], ['alice', false]] as const) expect((await ask(farm, user, 'farm.manage')).allowed, user).toBe(allowed)
  })

  it('says of taking a run up what resume and retry do', async () => {
    const farm = await sharedFarm()
    const begin = async (user: string, operation: RunOperation, ...targets: string[]) => {
      const request = requestOf(user, operation, ...targets)
      let handle = await farm.startRun(request)
      while (handle.state === 'running') handle = await farm.followRun({ principal: request.principal, run: handle.run, afterRevision: handle.revision })
      return handle.run
    }
    // Of guests that are off a pause fails, so there is something to retry.
    const runs = [await begin('admin', 'vm.pause', 'vm1'), await begin('admin', 'vm.pause', 'vm1', 'vm7'), await begin('alice', 'vm.pause', 'vm3'), await begin('operator', 'server.stop', 'ovs2')]
    const seen = new Set<string | null>()
    for (const run of runs) {
      // Whoever is permitted to takes the failures over, so the one who always is comes last.
      for (const user of users.toReversed()) {
        const does = await codeOf(farm.retryRun({ principal: { user }, requestKey: `${user}/${run}`, run, change: {}, timeoutMs: null, noWait: false, reason: null }))
        let answer: Permitted | null = null
        const says = await codeOf(ask(farm, user, 'run.retry', 'run', run).then(given => { answer = given }))
        expect(says ?? (answer!.allowed ? null : 'auth.denied'), `${user} ${run}`).toBe(does)
        expect(await codeOf(ask(farm, user, 'run.resume', 'run', run)), `${user} ${run}`).toBe(says)
        seen.add(does)
      }
    }
    expect(seen).toEqual(new Set([null, 'auth.denied', 'not-found.run']))
  })

  it('and who am I are for those only who may log in', async () => {
    const farm = await figure8({}, { alice: { state: 'locked' }, operator: { pools: '["pool1"]', groups: '["web"]', email: 'op@example.com' } })
    for (const [user, code] of [['alice', 'auth.locked'], ['nobody', 'auth.unknown-user']] as const) {
      expect(await codeOf(ask(farm, user, 'vm.start'))).toBe(code)
      expect(await codeOf(farm.whoAmI({ principal: { user } }))).toBe(code)
    }
    expect(await farm.whoAmI({ principal: { user: 'operator' } })).toEqual({ user: 'operator', role: 'manager', state: 'active', email: 'op@example.com', groups: ['web'], pools: ['pool1'], farm: 'test', simulated: true })
  })
})
