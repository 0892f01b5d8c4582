import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import type { RunRequest } from '../../src/contract/requests.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { managerOver, openStores } from '../../src/embedded/open.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { planOf } from '../../src/sim/presets.js'
import { allColumns, fileTable, hostTable, repositoryTable } from '../../src/sim/schema.js'
import type { Store } from '../../src/store/store.js'
import { requestOf } from './permitted-farm.js'

const ends: (() => Promise<void>)[] = []
afterEach(async () => { for (const end of ends.splice(0)) await end() })

interface Opened { repository: Store; world: Store; managers: [EmbeddedManager, EmbeddedManager] }

/** Two managers over one farm figure-8, as two commands at once are; what one remembers the other may change. */
async function twoManagers(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'ovmcli-pools-'))
  const { repository, world } = openStores(folder, true)
  await makeFarm(repository, world, planOf('figure-8', { pools: null, servers: null, guests: null }), { name: 'test', seed: 1, running: false, ha: false })
  ends.push(async () => { await repository.close(); await world.close(); rmSync(folder, { recursive: true, force: true }) })
  return { repository, world, managers: [managerOver('test', repository, world), managerOver('test', repository, world)] }
}

let keys = 0
async function run(on: EmbeddedManager, operation: RunRequest['operation'], targets: string[], options: Partial<RunRequest['options']> = {}, dryRun = false): Promise<Report> {
  const base = requestOf('admin', operation, ...targets)
  const request = { ...base, requestKey: `key-${keys++}`, options: { ...base.options, ...options }, policy: { ...base.policy, dryRun } }
  let handle = await on.startRun(request)
  while (handle.state === 'running') handle = await on.followRun({ principal: request.principal, run: handle.run, afterRevision: handle.revision })
  return on.runReport({ principal: request.principal, run: handle.run })
}

/** All that pool operations could touch in the world. */
function worldOf(world: Store): Promise<unknown> {
  return world.read(async reader => Promise.all([hostTable, repositoryTable, fileTable].map(table => reader.select(allColumns(table), `from ${table.name} order by id`))))
}

const add = (pool: string, ...servers: { name: string; address: string | null }[]) => ({ details: { pool, servers, password: null, roles: null } })

describe('a manager that remembers pools', () => {
  it('notices members that others add, masters that others name, and servers that change their pool', async () => {
    const { managers: [one, two] } = await twoManagers()
    // Both know pool1 now.
    for (const manager of [one, two]) expect((await run(manager, 'vm.start', ['vm1'])).failed).toBe(0)
    expect((await run(one, 'pool.add-server', [], add('pool1', { name: 'ovs4', address: '10.1.0.4' }))).done).toBe(1)
    expect((await run(two, 'vm.start', ['vm2'], { on: 'ovs4' })).items).toMatchObject([{ result: 'done', state: 'running' }])
    expect((await run(one, 'pool.master', ['pool1'], { details: { server: 'ovs4' } })).done).toBe(1)
    expect((await run(two, 'vm.stop', ['vm1', 'vm2'], { force: true })).done).toBe(2)
    expect((await run(two, 'pool.master', ['pool1'], { details: { server: 'ovs1' } })).done).toBe(1)
    expect((await run(one, 'server.remove', ['ovs4'])).done).toBe(1)
    expect((await run(one, 'pool.create', [], { details: { name: 'next', servers: [{ name: 'ovs4', address: '10.1.0.4' }], password: null, storage: null, ha: false, virtualIp: null } })).done).toBe(1)
    expect((await run(two, 'vm.clone', ['vm3'], { details: { names: ['copy'], pool: 'next' } })).done).toBe(1)
    expect((await run(two, 'vm.start', ['copy'])).items).toMatchObject([{ pool: 'next', result: 'done' }])
  })
})

describe('a dry run', () => {
  it('of anything that is done to pools leaves the world, and the records, as they are', async () => {
    const { repository, world, managers: [manager] } = await twoManagers()
    expect((await run(manager, 'pool.add-server', [], add('pool1', { name: 'ovs4', address: '10.1.0.4' }))).done).toBe(1)
    const before = [await worldOf(world), await repository.read(reader => reader.select({ name: 'name', pool: 'pool_id', roles: 'roles' }, 'from server order by id'))]
    const tries: [RunRequest['operation'], string[], Partial<RunRequest['options']>][] = [
      ['pool.create', [], { details: { name: 'p', servers: [{ name: 'a', address: '10.9.0.1' }, { name: 'b', address: '10.9.0.2' }], password: 'a long password', storage: null, ha: true, virtualIp: '10.9.0.9' } }],
      ['pool.add-server', [], add('pool1', { name: 'c', address: '10.9.0.3' }, { name: 'd', address: null })],
      ['pool.remove-server', [], { details: { pool: 'pool1', servers: ['ovs2', 'ovs4'] } }], ['server.remove', ['ovs2'], {}],
      ['pool.master', ['pool1'], { details: { server: 'ovs4' } }], ['pool.update', ['pool1'], { details: { rename: 'x', storage: null, ha: true, virtualIp: '10.1.0.250' } }],
      ['pool.refresh', ['pool1'], {}], ['pool.restore', ['pool1'], {}],
    ]
    for (const [operation, targets, options] of tries) {
      const report = await run(manager, operation, targets, options, true)
      expect([operation, report.wouldFail, report.run], JSON.stringify(report.items)).toEqual([operation, 0, null])
    }
    expect([await worldOf(world), await repository.read(reader => reader.select({ name: 'name', pool: 'pool_id', roles: 'roles' }, 'from server order by id'))]).toEqual(before)
  })
})

describe('a server', () => {
  it('that is a member already is not taken again under another of its names', async () => {
    const { managers: [manager] } = await twoManagers()
    const codes = async (servers: { name: string; address: string | null }[]) => (await run(manager, 'pool.add-server', [], add('pool1', ...servers))).items.map(item => item.error?.code ?? item.result)
    expect(await codes([{ name: 'again', address: 'ovs3' }])).toEqual(['server.exists'])
    expect(await codes([{ name: 'new1', address: '10.1.0.9' }, { name: 'new2', address: 'new1' }])).toEqual(['done', 'server.exists'])
    expect((await run(manager, 'vm.start', ['vm7'])).done).toBe(1)
  })

  it('whose pool came to nothing is free again, and so are the others of it', async () => {
    const { repository, world, managers: [manager] } = await twoManagers()
    const failed = await run(manager, 'pool.create', [], { details: { name: 'p', servers: [{ name: 'a', address: '10.9.0.1' }, { name: 'b', address: '10.9.0.2' }, { name: 'c', address: 'ovs3' }], password: null, storage: null, ha: false, virtualIp: null } })
    expect(failed.items).toMatchObject([{ kind: 'pool', result: 'failed', error: { code: 'server.exists' } }])
    expect(await world.read(reader => reader.select({ address: 'address', owner: 'owner', poolId: 'pool_id', roles: 'roles' }, `from host where address like '10.9.%' order by address`))).toEqual([
      { address: '10.9.0.1', owner: null, poolId: null, roles: '[]' }, { address: '10.9.0.2', owner: null, poolId: null, roles: '[]' }])
    expect(await repository.read(reader => reader.select({ n: 'count(*)' }, 'from pool'))).toEqual([{ n: 2 }])
    expect(await world.read(reader => reader.select({ n: 'count(*)' }, 'from repository'))).toEqual([{ n: 2 }])
  })

  it('keeps its agent\'s password out of items and events, and the manager forgets it with the server', async () => {
    const { repository, managers: [manager] } = await twoManagers()
    const password = 'chosen-at-installation'
    expect((await run(manager, 'pool.add-server', [], { details: { pool: 'pool1', servers: [{ name: 'ovs4', address: '10.1.0.4' }], password, roles: ['vm'] } })).done).toBe(1)
    const texts = await repository.read(async reader => [
      ...(await reader.select<{ text: string }>({ text: `coalesce(spec, '') || coalesce(undo, '') || coalesce(change, '') || coalesce(error, '')` }, 'from item')), ...(await reader.select<{ text: string }>({ text: 'options' }, 'from run')),
      ...(await reader.select<{ text: string }>({ text: `message || coalesce(change, '')` }, 'from event'))])
    expect(texts.filter(({ text }) => text.includes(password))).toEqual([])
    const kept = () => repository.read(reader => reader.select({ password: 'password' }, 'from agent_key'))
    expect(await kept()).toEqual([{ password }])
    expect((await run(manager, 'server.remove', ['ovs4'])).done).toBe(1)
    expect(await kept()).toEqual([])
  })
})
