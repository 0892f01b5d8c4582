import { describe, expect, it } from 'vitest'
import type { JobsWaited } from '../../src/contract/manager.js'
import { noNarrowing } from '../../src/contract/requests.js'
import { refusalOf } from '../refusal.js'
import { TwoManagers } from './two-managers.js'

const admin = { principal: { user: 'admin' } }
const server = (name: string, address: string) => ({ name, address })
const join = (...servers: object[]) => ({ details: { pool: 'pool1', servers, password: null, roles: null } })

/** Which servers take themselves for somebody's, and which repositories there are. */
async function worldOf(farm: TwoManagers): Promise<{ members: unknown[]; repositories: unknown[] }> {
  return farm.world.read(async reader => ({
    members: await reader.select({ address: 'address', pool: 'pool_id', owner: 'owner' }, 'from host where owner is not null or pool_id is not null order by address'), repositories: await reader.select({ id: 'id' }, 'from repository order by id'),
  }))
}

async function jobs(farm: TwoManagers): Promise<string[]> {
  const page = await farm.second.list({ ...admin, kind: 'job', narrowing: noNarrowing, columns: ['id'], sort: null, limit: null, cursor: null })
  return (JSON.parse(page.json) as { id: string }[]).map(job => job.id)
}

async function aborted(farm: TwoManagers): Promise<boolean> {
  return (await farm.repository.read(reader => reader.select({ seq: 'seq' }, `from event where kind = 'job.abort'`))).length > 0
}

describe('between what servers are told and what is recorded', () => {
  it('nothing is kept by servers of what could not be recorded', async () => {
    const farm = await TwoManagers.over('figure-8')
    for (const [operation, options] of [
      ['pool.add-server', join(server('a', '10.9.0.1'), server('b', '10.9.0.2'))],
      ['pool.create', { details: { name: 'p', servers: [server('c', '10.9.0.3'), server('d', '10.9.0.4')], password: null, storage: 'shared', ha: false, virtualIp: null } }],
    ] as const) {
      const before = await worldOf(farm)
      farm.beforeCommit(2, async () => {
        expect((await worldOf(farm)).members, operation).toHaveLength(before.members.length + 2)
        throw new Error('it died')
      })
      await expect(farm.run(farm.first, operation, [], options)).rejects.toThrow('it died')
      expect(await worldOf(farm), operation).toEqual(before)
      // Its run waits to be taken up, and then it is done.
      expect((await farm.resume(farm.second, (await farm.newest()).id)).done, operation).toBeGreaterThan(0)
    }
  })

  it('what is about to be done is not aborted: it ends as it would have, each target as itself', async () => {
    const farm = await TwoManagers.over('figure-8')
    let aborting: Promise<JobsWaited> | null = null
    farm.beforeCommit(2, async () => {
      const [first] = (await jobs(farm)).slice(-2)
      aborting = farm.second.abortJobs({ ...admin, jobs: [first!], reason: null, timeoutMs: null })
      while (!(await aborted(farm))) await new Promise(setImmediate)
    })
    const report = await farm.run(farm.first, 'pool.add-server', [], join(server('a', '10.9.0.1'), server('b', '10.9.0.2')))
    expect(report.items.map(item => [item.name, item.result])).toEqual([['a', 'done'], ['b', 'done']])
    expect((await aborting!).gaveUp).toMatchObject({ code: 'job.ended' })
    const servers = await farm.repository.read(reader => reader.select({ name: 'name', address: 'address' }, `from server where address like '10.9.%' order by name`))
    expect(servers).toEqual([server('a', '10.9.0.1'), server('b', '10.9.0.2')])
  })

  it('a run that somebody else took up is written once, by him', async () => {
    const farm = await TwoManagers.over('figure-8')
    let taken = ''
    farm.beforeCommit(2, async () => {
      taken = (await farm.newest()).id
      await farm.repository.transact(tx => tx.run(`update run set session = 'another' where id = ?`, [taken]))
    })
    expect(await refusalOf(farm.run(farm.first, 'vm.update', ['vm1'], { tags: { set: { a: 'b' }, unset: [] } }))).toMatchObject({ code: 'lease.held' })
    const tags = () => farm.repository.read(reader => reader.select({ tags: 'tags' }, `from vm where name = 'vm1'`))
    expect(await tags()).toEqual([{ tags: '{}' }])
    expect((await farm.resume(farm.second, taken)).done).toBe(1)
    expect(await tags()).toEqual([{ tags: '{"a":"b"}' }])
  })

  it('what changed since the servers were asked is not overrun by how they said it was', async () => {
    for (const operation of ['pool.refresh', 'vm.reset-status'] as const) {
      const farm = await TwoManagers.over('figure-8')
      await farm.repository.transact(tx => tx.run(`update vm set state = 'error' where name = 'vm2'`))
      // As another command records what it has just begun and ended.
      farm.beforeCommit(2, async () => void (await farm.repository.transact(tx => tx.run(`update vm set state = 'suspended' where name = 'vm1'`))))
      const report = await farm.run(farm.first, operation, operation === 'pool.refresh' ? ['pool1'] : ['vm1', 'vm2'])
      if (operation === 'vm.reset-status') expect(report.items).toMatchObject([{ result: 'failed', error: { code: 'lease.held' } }, { result: 'done' }])
      expect(await farm.repository.read(reader => reader.select({ name: 'name', state: 'state' }, `from vm where name in ('vm1', 'vm2') order by name`))).toEqual([{ name: 'vm1', state: 'suspended' }, { name: 'vm2', state: 'powered-off' }])
    }
  })

  it('a server that is gone once it is renamed is told nothing', async () => {
    const farm = await TwoManagers.over('figure-8')
    await farm.run(farm.first, 'pool.add-server', [], join(server('a', '10.9.0.1')))
    farm.afterCommit(2, async () => {
      expect((await farm.run(farm.second, 'server.remove', ['b'])).done).toBe(1)
    })
    expect((await farm.run(farm.first, 'server.update', ['a'], { details: { roles: null, rename: 'b' } })).done).toBe(1)
  })
})
