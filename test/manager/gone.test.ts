import { describe, expect, it } from 'vitest'
import { guestSpec } from '../../src/model/guest-spec.js'
import { refusalOf } from '../refusal.js'
import { TwoManagers } from './two-managers.js'

const member = { details: { name: 'bob', role: 'user', email: null, password: 'a long pass phrase' } }
const group = { details: { name: 'web', description: null } }

describe('what a run names and is gone when its turn comes', () => {
  it('a server to migrate back to', async () => {
    const farm = await TwoManagers.over('figure-8')
    const { first } = farm
    expect((await farm.run(first, 'pool.add-server', [], { details: { pool: 'pool1', servers: [{ name: 'ovs9', address: '10.1.0.9' }], password: null, roles: null } })).done).toBe(1)
    await farm.run(first, 'vm.start', ['vm1'], { on: 'ovs9' })
    const { run } = await farm.run(first, 'vm.migrate', ['vm1'], { to: 'ovs1' })
    expect((await farm.run(first, 'server.remove', ['ovs9'])).done).toBe(1)
    expect((await farm.undo(first, run!)).items).toMatchObject([{ result: 'failed', error: { code: 'not-found.server' }, state: 'running' }])
  })

  it('an owner or a group to give a guest back to', async () => {
    const farm = await TwoManagers.over('figure-8')
    const { first } = farm
    await farm.run(first, 'user.create', [], member)
    await farm.run(first, 'group.create', [], group)
    await farm.run(first, 'vm.update', ['vm1'], { details: { owner: 'bob', group: 'web' } })
    const { run } = await farm.run(first, 'vm.update', ['vm1'], { details: { owner: 'admin', group: null } })
    await farm.run(first, 'user.delete', ['bob'], { details: { newOwner: null } })
    expect((await farm.undo(first, run!)).items).toMatchObject([{ result: 'failed', error: { code: 'not-found.user' } }])
    await farm.run(first, 'user.create', [], member)
    await farm.run(first, 'group.delete', ['web'])
    expect((await farm.undo(first, run!)).items).toMatchObject([{ result: 'failed', error: { code: 'not-found.group' } }])
  })

  it('an owner or a group of a guest that is to be made', async () => {
    const farm = await TwoManagers.over('figure-8')
    await farm.run(farm.second, 'user.create', [], member)
    await farm.run(farm.second, 'group.create', [], group)
    const guests = [guestSpec({ name: 'n1', pool: 'pool1', diskMiB: 1_024, owner: 'bob' }), guestSpec({ name: 'n2', pool: 'pool1', diskMiB: 1_024, group: 'web' }), guestSpec({ name: 'n3', pool: 'pool1', diskMiB: 1_024 })]
    farm.beforeCommit(2, async () => {
      await farm.run(farm.second, 'user.delete', ['bob'], { details: { newOwner: null } })
      await farm.run(farm.second, 'group.delete', ['web'])
    })
    const report = await farm.run(farm.first, 'vm.create', [], { details: { guests } })
    expect(report.items.map(item => [item.name, item.error?.code ?? item.result])).toEqual([['n1', 'not-found.user'], ['n2', 'not-found.group'], ['n3', 'done']])
  })
})

describe('whose a new guest is', () => {
  it('a user makes guests of his own, for his own groups, and learns of no others', async () => {
    const farm = await TwoManagers.over('figure-8')
    for (const name of ['web', 'db']) await farm.run(farm.first, 'group.create', [], { details: { name, description: null } })
    await farm.run(farm.first, 'group.add', ['web'], { details: { users: ['alice'] } })
    const make = (more: object) => farm.run(farm.first, 'vm.create', [], { details: { guests: [guestSpec({ name: 'n1', pool: 'pool1', diskMiB: 1_024, ...more })] } }, false, 'alice')
    for (const owner of ['operator', 'nobody']) expect(await refusalOf(make({ owner })), owner).toMatchObject({ code: 'auth.denied', message: 'guest n1: owner: alice may make guests of his own only' })
    expect(await refusalOf(make({ group: 'db', visibility: 'shared' }))).toMatchObject({ code: 'auth.denied' })
    expect((await make({ group: 'web', visibility: 'shared' })).done).toBe(1)
  })

  it('what another could copy is copied for no one who may not see it', async () => {
    const farm = await TwoManagers.over('figure-8')
    const { first } = farm
    await farm.run(first, 'user.revoke', ['operator'], { details: { pools: ['pool2'] } })
    // vm9 is in pool2, which is no more granted to operator; its copy was to come into pool1, which still is.
    await farm.run(first, 'vm.start', ['vm9'])
    const { run } = await farm.run(first, 'vm.clone', ['vm9'], { details: { names: ['copy'], pool: 'pool1' } })
    await farm.run(first, 'vm.stop', ['vm9'], { force: true })
    expect(await refusalOf(farm.retry(first, run!, 'operator'))).toMatchObject({ code: 'auth.denied', details: { names: ['copy'] } })
    expect((await farm.retry(first, run!)).done).toBe(1)
  })
})
