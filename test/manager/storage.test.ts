import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LaunchOrder, QueuedItem } from '../../src/manager/launch.js'
import { decideFiles } from '../../src/manager/files/decide.js'
import type { FilesScene, Room } from '../../src/manager/files/scene.js'
import { checkRoom } from '../world/invariants.js'
import { StorageFarm } from './storage-farm.js'

interface Repo { id: string; device: string; root: boolean; mountPoint: string; uuid: string; state: string; freeMiB: number }

/** A launch of one new shared disk into a pool with some repositories. */
function placed(repos: readonly Room[], sizeMiB: number) {
  const scene = {
    nowMs: 0, slots: Infinity, failuresLeft: Infinity, objects: new Map(), seen: new Map(), taken: new Set(), changedBy: new Map(), readBy: new Map(), holders: new Map(), copies: new Map(),
    pools: new Map([['pool', { id: 'pool', name: 'pool1', owner: 'self', master: { name: 'ovs1', state: 'active' }, repos: [...repos], utilities: [{ id: 'server', name: 'ovs1', load: 0 }] }]]),
  } as unknown as FilesScene
  const order = { run: 'run', operation: 'disk.create', options: {}, strict: false, finishByMs: null, expectations: { expectedMs: () => 0 } } as unknown as LaunchOrder
  const item: QueuedItem = { ordinal: 0, stage: 0, targetId: 'disk', name: 'disk', poolId: 'pool', job: 'job', sourceId: null, spec: { sizeMiB, repoId: null } }
  const step = decideFiles(order, item, scene)
  return { step, scene }
}

describe('where new files go', () => {
  it('is where most room is, the root on a tie, and nowhere that they do not fit', () => {
    const repos = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 }).chain(free => fc.nat(free.length - 1).map(root => free.map((freeMiB, at): Room => ({ id: `r${at}`, name: `/dev/sd${at}`, uuid: `u${at}`, root: at === root, qos: null, freeMiB }))))
    fc.assert(fc.property(repos, fc.integer({ min: 1, max: 7 }), (all, sizeMiB) => {
      // The scene counts down what it gives away.
      const { step } = placed(all.map(room => ({ ...room })), sizeMiB)
      const most = Math.max(...all.map(room => room.freeMiB))
      if (most < sizeMiB) return step.kind === 'settle' && step.error?.code === 'capacity.space'
      const chosen = step.kind === 'begin' && step.asked.by === 'master' && 'work' in step.asked.request ? all.find(room => room.id === (step.asked as { request: { work: { repoId: string } } }).request.work.repoId) : undefined
      return chosen !== undefined && chosen.freeMiB === most && (chosen.root || !all.some(room => room.root && room.freeMiB === most))
    }), { numRuns: 500 })
  })
})

describe('the root of a pool', () => {
  it('is /OVS itself before release 2.2, so that it moves only while no guest runs from it', async () => {
    const farm = await StorageFarm.make('figure-7', { running: true })
    await farm.change('repository', `update server set release = '2.1'`, `update repo set mount_point = '/OVS'`)
    await farm.change('world', `update repository set release = '2.1'`)
    await farm.addRepo('pool1', '/dev/sdc1')
    const [root, extended] = await farm.list<Repo>('repo')
    expect([root!.mountPoint, extended!.mountPoint]).toEqual(['/OVS', `/OVS/${extended!.uuid.replaceAll('-', '').toUpperCase()}`])
    expect((await farm.checks()).filter(({ result }) => result !== 'ok')).toEqual([])
    const [refused] = (await farm.run('repo.root', ['/dev/sdc1'])).items
    expect(refused).toMatchObject({ result: 'failed', error: { code: 'repo.busy', hint: 'vm stop --pool pool1 --yes', details: { guests: ['vm1', 'vm2', 'vm3', 'vm4', 'vm5', 'vm6'], release: '2.1' } } })
    await farm.run('vm.stop', ['vm1', 'vm2', 'vm3', 'vm4', 'vm5', 'vm6'])
    expect(await farm.run('repo.root', ['/dev/sdc1'])).toMatchObject({ done: 1 })
    expect((await farm.list<Repo>('repo')).map(repo => [repo.device, repo.root, repo.mountPoint])).toEqual([['/dev/sdc1', true, '/OVS'], ['/dev/sdb1', false, `/OVS/${root!.uuid.replaceAll('-', '').toUpperCase()}`]])
    expect((await farm.checks()).filter(({ result }) => result !== 'ok')).toEqual([])
  })

  it('may go with the last of its files, but not while the pool has HA; the next one that comes is the root', async () => {
    const farm = await StorageFarm.make('figure-7', { ha: true })
    const empty = ['delete from vm', 'delete from resource']
    await farm.change('repository', ...empty)
    await farm.change('world', 'delete from file')
    expect((await farm.run('repo.remove', ['/dev/sdb1'])).items[0]).toMatchObject({ result: 'failed', state: 'active', error: { code: 'repo.root', message: '/dev/sdb1 is the root of pool pool1, which has HA', hint: 'switch the HA of pool pool1 off first' } })
    await farm.change('repository', 'update pool set ha = 0')
    expect(await farm.run('repo.remove', ['/dev/sdb1'])).toMatchObject({ done: 1, items: [{ state: null }] })
    expect(await farm.list('repo')).toEqual([])
    const made = await farm.run('disk.create', [], { details: { names: ['q'], pool: 'pool1', sizeMiB: 1, repo: null } })
    expect(made.items[0]!.error).toMatchObject({ code: 'pool.no-repository', hint: 'repo list --pool pool1 shows what there is' })
    await farm.addRepo('pool1', 'filer:/ovs')
    expect(await farm.list('repo')).toMatchObject([{ device: 'filer:/ovs', root: true, state: 'active' }])
    expect((await farm.checks()).filter(({ result }) => result !== 'ok')).toEqual([])
  })
})

describe('what servers know better', () => {
  it('a repository that is fuller than recorded refuses what does not fit, and nothing is left of it', async () => {
    const farm = await StorageFarm.make('figure-6')
    const [repo] = await farm.list<Repo>('repo')
    await farm.change('world', `insert into file (id, pool_id, repo_id, size_mib, saved, whole) select 'stray', pool_id, id, ${repo!.freeMiB - 10}, 0, 1 from repository`)
    const [item] = (await farm.run('disk.create', [], { details: { names: ['q'], pool: 'pool1', sizeMiB: 11, repo: null } })).items
    expect(item).toMatchObject({ result: 'failed', state: null, error: { code: 'capacity.space' } })
    expect(await farm.list('disk')).toEqual([])
    expect((await farm.list<Repo>('repo'))[0]!.freeMiB).toBe(repo!.freeMiB)
    expect(await farm.run('disk.create', [], { details: { names: ['q'], pool: 'pool1', sizeMiB: 10, repo: null } })).toMatchObject({ done: 1 })
    expect((await farm.checks()).find(({ check }) => check.endsWith('files'))).toEqual({ check: 'repository pool1//dev/sdb1 files', result: 'warning', message: 'there, and recorded nowhere: stray', hint: 'image register --pool pool1 lists what could be recorded; so do template register and iso register' })
  })

  it('a repository with files that nobody recorded is not taken away', async () => {
    const farm = await StorageFarm.make('figure-6')
    await farm.addRepo('pool1', '/dev/sdc1')
    await farm.change('world', `insert into file (id, pool_id, repo_id, size_mib, saved, whole) select 'stray', pool_id, id, 1, 0, 1 from repository where device = '/dev/sdc1'`)
    expect((await farm.run('repo.remove', ['/dev/sdc1'])).items[0]).toMatchObject({ result: 'failed', state: 'active', error: { code: 'agent.refused', hint: 'repo check tells which of them nobody has recorded' } })
    expect((await farm.list<Repo>('repo')).map(repo => repo.state)).toEqual(['active', 'active'])
  })

  it('files that are gone, and servers that mount otherwise than recorded, are errors of repo check', async () => {
    const farm = await StorageFarm.make('figure-7')
    await farm.change('world', `delete from file where id = (select min(id) from file where id like 'vm-%')`, 'update repository set root = 0')
    const checks = await farm.checks('/dev/sdb1')
    expect(checks.map(({ check, result }) => [check.split(' ').at(-1), result])).toEqual([['mounts', 'error'], ['space', 'ok'], ['folders', 'ok'], ['files', 'error']])
    expect(checks[0]).toMatchObject({ message: expect.stringMatching(/^mounted by ovs1, ovs2 otherwise than recorded: not as the root, at \/var\/ovs\/mount\//) as string, hint: 'repo root REPO sets the root anew' })
    expect(checks[3]).toMatchObject({ message: expect.stringMatching(/^recorded here, and not there: guest vm\d$/) as string })
    await farm.change('repository', `update resource set size_mib = size_mib + (select size_mib from repo) * 91 / 100 where kind = 'iso'`)
    expect((await farm.checks('/dev/sdb1'))[1]).toMatchObject({ result: 'warning', hint: 'repo add --pool pool1 extends the pool; vm move makes room' })
  })

  it('record and world agree on room after whatever was done', async () => {
    const farm = await StorageFarm.make('figure-7')
    await farm.addRepo('pool1', '/dev/sdc1', 60_000)
    const one = fc.oneof(
      fc.record({ what: fc.constant('create' as const), name: fc.constantFrom('a', 'b', 'c'), sizeMiB: fc.constantFrom(1, 10_000, 50_000, 5_000_000) }), fc.record({ what: fc.constant('delete' as const), name: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ what: fc.constant('move' as const), vms: fc.uniqueArray(fc.constantFrom('vm1', 'vm2', 'vm3', 'vm4'), { minLength: 1 }), to: fc.constantFrom('/dev/sdb1', '/dev/sdc1') }))
    await fc.assert(fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 6 }), async steps => {
      for (const step of steps) {
        // What is refused changes nothing either.
        if (step.what === 'create') await farm.run('disk.create', [], { details: { names: [step.name], pool: 'pool1', sizeMiB: step.sizeMiB, repo: null } }).catch((error: unknown) => { expect(error).toMatchObject({ code: 'disk.exists' }) })
        else if (step.what === 'delete') await farm.run('disk.delete', [step.name]).catch((error: unknown) => { expect(error).toMatchObject({ code: 'not-found.disk' }) })
        else await farm.run('vm.move', step.vms, { repo: step.to })
        await checkRoom(farm.stores.repository, farm.stores.world)
      }
    }), { numRuns: 25 })
  })
})

describe('a pool in which nothing can be changed', () => {
  it.each([
    ['has no utility server', `update server set roles = '["master","vm"]'`, 'pool.no-utility', 'server list --pool pool1 shows states and roles'],
    ['has no master', 'update pool set master_id = null', 'pool.no-master', 'pool master pool1 SERVER'],
    ['belongs to another manager', `update pool set owner = 'emgc'`, 'pool.owned'],
  ] as const)('as one that %s', async (_, statement, code, hint?: string) => {
    const farm = await StorageFarm.make('figure-7')
    await farm.addRepo('pool1', '/dev/sdc1')
    await farm.run('disk.create', [], { details: { names: ['there'], pool: 'pool1', sizeMiB: 1, repo: '/dev/sdb1' } })
    await farm.change('repository', statement)
    const error = { code, ...(hint === undefined ? {} : { hint }) }
    for (const report of [
      await farm.addRepo('pool1', '/dev/sdd1'), await farm.run('repo.root', ['/dev/sdc1']), await farm.run('repo.remove', ['/dev/sdc1']), await farm.run('disk.delete', ['there']),
      await farm.run('disk.create', [], { details: { names: ['q'], pool: 'pool1', sizeMiB: 1, repo: null } }), await farm.run('vm.move', ['vm1'], { repo: '/dev/sdc1' }),
    ]) expect(report, report.operation).toMatchObject({ failed: 1, items: [{ result: 'failed', error }] })
    expect((await farm.list<Repo>('repo')).map(repo => [repo.device, repo.state, repo.root])).toEqual([['/dev/sdb1', 'active', true], ['/dev/sdc1', 'active', false]])
  })
})

describe('names of repositories', () => {
  it('are suggested where they are unambiguous, else with their pool; ids to whoever begins one', async () => {
    const farm = await StorageFarm.make('figure-8')
    await farm.addRepo('pool1', '/dev/sdc1')
    await farm.addRepo('pool1', 'filer:/exports/ovs')
    const told = (prefix: string, limit = 10) => farm.manager.suggest({ principal: { user: 'alice' }, kind: 'repo', prefix, limit })
    expect(await told('')).toEqual(['/dev/sdc1', 'filer:/exports/ovs', 'pool1//dev/sdb1', 'pool2//dev/sdb1'])
    expect(await told('/dev')).toEqual(['/dev/sdc1'])
    expect(await told('filer:/e')).toEqual(['filer:/exports/ovs'])
    expect(await told('pool1/')).toEqual(['pool1//dev/sdb1', 'pool1//dev/sdc1', 'pool1/filer:/exports/ovs'])
    expect(await told('', 2)).toEqual(['/dev/sdc1', 'pool2//dev/sdb1'])
    expect((await told('repo-')).length).toBe(4)
  })
})

describe('who sees shared disks', () => {
  it('is everybody, but for those of guests that he may not see', async () => {
    const farm = await StorageFarm.make('figure-7')
    await farm.change('repository', `update vm set owner = 'alice' where name = 'vm1'`)
    await farm.run('disk.create', [], { details: { names: ['free', 'hers', 'both'], pool: 'pool1', sizeMiB: 1, repo: null } })
    await farm.run('disk.attach', ['vm1'], { details: { disk: 'hers', device: null, mode: 'w' } })
    await farm.run('disk.attach', ['vm1', 'vm2'], { details: { disk: 'both', device: null, mode: 'w' } })
    const seen = async (user: string) => (await farm.list<{ name: string; attachedTo: string[] }>('disk', user)).map(disk => `${disk.name}: ${disk.attachedTo.join(' ')}`)
    expect(await seen('admin')).toEqual(['both: vm1 vm2', 'free: ', 'hers: vm1'])
    expect(await seen('operator')).toEqual(await seen('admin'))
    expect(await seen('alice')).toEqual(['free: ', 'hers: vm1'])
    const [own] = await farm.manager.show({ principal: { user: 'alice' }, kind: 'vm', names: ['vm1'], columns: ['disks'] })
    expect((own!['disks'] as { name: string }[]).map(disk => disk.name)).toEqual(['xvda', 'xvdb', 'xvdc'])
  })
})
