import { describe, expect, it, vi } from 'vitest'
import { TwoManagers } from './two-managers.js'

// What scrypt makes of a password is told apart by this, and costs nothing.
vi.mock('../../src/manager/people/scrypt.js', () => ({ hashPassword: async (password: string) => `$kept$${password.length}`, isPassword: async () => true }))

const password = 'a long pass phrase'
const kept = `$kept$${password.length}`
const bob = { details: { name: 'bob', role: 'user', email: null, password } }

describe('a password that a run sets', () => {
  it('is nowhere but with its user once the run is carried out, and with the secrets of runs before', async () => {
    const farm = await TwoManagers.over('figure-6')
    farm.beforeCommit(2, async () => expect(await farm.tablesWith(kept)).toEqual(['manager run_secret']))
    expect((await farm.run(farm.first, 'user.create', [], bob)).done).toBe(1)
    farm.beforeCommit(2, async () => expect(await farm.tablesWith(kept)).toEqual(['manager user', 'manager run_secret']))
    expect((await farm.run(farm.first, 'user.password', ['bob'], { details: { password } })).done).toBe(1)
    expect(await farm.tablesWith(kept)).toEqual(['manager user'])
    expect(await farm.tablesWith(password)).toEqual([])
  })

  it('is set by the run that takes up one that was cut, and then kept for no other', async () => {
    for (const way of ['resume', 'retry'] as const) {
      const farm = await TwoManagers.over('figure-6')
      farm.dieBefore(2)
      await expect(farm.run(farm.first, 'user.create', [], bob)).rejects.toThrow('it died')
      const { id } = await farm.newest()
      expect((await farm[way](farm.second, id)).items, way).toMatchObject([{ name: 'bob', result: 'done' }])
      expect(await farm.tablesWith(kept), way).toEqual(['manager user'])
    }
  })

  it('is forgotten with a run that was cut and is aborted', async () => {
    const farm = await TwoManagers.over('figure-6')
    farm.dieBefore(2)
    await expect(farm.run(farm.first, 'user.create', [], bob)).rejects.toThrow('it died')
    const [job] = JSON.parse((await farm.second.list({ principal: { user: 'admin' }, kind: 'job', narrowing: { pools: [], servers: [], states: [], tags: [], filters: [], exclude: [] }, columns: ['id'], sort: null, limit: null, cursor: null })).json) as { id: string }[]
    expect(await farm.tablesWith(kept)).toEqual(['manager run_secret'])
    await farm.second.abortJobs({ principal: { user: 'admin' }, jobs: [job!.id], reason: null, timeoutMs: null })
    expect(await farm.tablesWith(kept)).toEqual([])
  })

  it('is no part of a user whom somebody else made first, and is not there for a retry', async () => {
    const farm = await TwoManagers.over('figure-6')
    farm.beforeCommit(2, async () => { await farm.run(farm.second, 'user.create', [], bob) })
    const report = await farm.run(farm.first, 'user.create', [], { details: { ...bob.details, password: 'another pass phrase' } })
    expect(report.items).toMatchObject([{ result: 'failed', error: { code: 'user.exists' } }])
    expect(await farm.tablesWith('$kept$19')).toEqual([])
    await farm.run(farm.second, 'user.delete', ['bob'], { details: { newOwner: null } })
    expect((await farm.retry(farm.first, report.run!)).items).toMatchObject([{ result: 'failed', error: { code: 'run.secret' } }])
    expect((await farm.run(farm.second, 'user.create', [], bob)).done, 'nobody is there without a password').toBe(1)
  })

  it('of a user who is gone is not kept, and a retry says so', async () => {
    const farm = await TwoManagers.over('figure-6')
    await farm.run(farm.first, 'user.create', [], bob)
    farm.beforeCommit(2, async () => { await farm.run(farm.second, 'user.delete', ['bob'], { details: { newOwner: null } }) })
    const report = await farm.run(farm.first, 'user.password', ['bob'], { details: { password } })
    expect(report.items).toMatchObject([{ result: 'failed', error: { code: 'not-found.user' } }])
    await farm.run(farm.second, 'user.create', [], { details: { ...bob.details, password: 'another pass phrase' } })
    expect((await farm.retry(farm.first, report.run!)).items).toMatchObject([{ result: 'failed', error: { code: 'run.secret' } }])
    expect(await farm.tablesWith(kept)).toEqual([])
  })
})
