import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStores } from '../../src/embedded/open.js'
import type { Row } from '../../src/store/store.js'
import { hostTable } from '../../src/sim/schema.js'
import { runHere, wordsOf } from '../in-process.js'
import { Session, type Ended } from '../session.js'

type Data = Record<string, unknown>
interface Fault { code: string; message: string; hint: string | null }
interface Report { done: number; unchanged: number; failed: number; wouldDo: number; warnings?: { name: string; message: string }[]; items: { name: string; kind: string; id: string; result: string; state: string | null; error: Fault | null }[] }

/** A farm whose commands run in this process. */
class Farm {
  private readonly session
  readonly home: string

  constructor(...preset: string[]) {
    this.session = new Session(...(preset as [string]))
    this.home = join(this.session.home, 'ovm')
  }

  run(line: string): Promise<Ended> {
    return runHere(this.home, wordsOf(line))
  }

  async ok(line: string): Promise<Ended> {
    const ended = await this.run(line)
    if (ended.exit !== 0) throw new Error(`${line} ended with ${ended.exit}: ${ended.stderr}`)
    return ended
  }

  async json<T = Report>(line: string): Promise<T> {
    return JSON.parse((await this.run(`${line} -o json`)).stdout) as T
  }

  /** The code, message and hint that a command is refused with: of the request, or of its first item. */
  async refused(line: string): Promise<[code: string, exit: number | null, said: string]> {
    const { stdout, exit } = await this.run(`${line} -o json`)
    const answer = JSON.parse(stdout) as { error?: Fault } & Partial<Report>
    const fault = answer.error ?? answer.items!.find(item => item.error)!.error!
    return [fault.code, exit, `${fault.message} | ${fault.hint ?? ''}`]
  }

  async list(line: string): Promise<Data[]> {
    return this.json<Data[]>(line)
  }

  async names(line: string): Promise<string[]> {
    return (await this.ok(`${line} -o name`)).stdout.trim().split('\n').filter(name => name !== '')
  }

  /** Changes servers of the world behind the manager's back: they were installed anew, or taken by somebody. */
  async meddle(name: string, row: Row): Promise<void> {
    const { repository, world } = openStores(join(this.home, 'farms', 'figure-8'), false)
    await world.transact(async tx => {
      const [host] = await tx.select<{ id: string }>({ id: 'id' }, 'from host where name = ?', [name])
      await tx.update(hostTable, [{ id: host!.id, ...row }])
    })
    await repository.close()
    await world.close()
  }

  file(name: string, text: string): string {
    const path = join(this.session.home, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
}

describe('a new pool', () => {
  it('of one server keeps its guests on a disk of its own; guests can be made and run there at once', async () => {
    const farm = new Farm('figure-8')
    const report = await farm.json('pool create edge --server ovs4 --address 10.3.0.1')
    expect(report.items).toMatchObject([{ kind: 'pool', name: 'edge', result: 'done', state: 'active', error: null }])
    expect(await farm.list('pool show edge')).toMatchObject({ id: report.items[0]!.id, master: 'ovs4', storage: 'local', ha: false, virtualIp: null, serverCount: 1, state: 'active' })
    expect(await farm.list('server list --pool edge')).toMatchObject([{ name: 'ovs4', address: '10.3.0.1', roles: ['master', 'utility', 'vm'], state: 'active', cores: 8, memoryMiB: 65_536 }])
    expect(await farm.list('repo list --pool edge')).toMatchObject([{ kind: 'local', root: true, sizeMiB: 1_048_576, state: 'active' }])
    await farm.ok('vm create new1 --pool edge --pxe --os el5')
    await farm.ok('vm start new1')
    expect(await farm.list('vm show new1')).toMatchObject({ server: 'ovs4', state: 'running' })
    expect(await farm.list('farm status')).toMatchObject({ pools: 3, channels: 3, servers: { total: 4, active: 4 } })
  })

  it('of several has a root repository that they share, and HA with a virtual IP when asked', async () => {
    const farm = new Farm('figure-8')
    await farm.ok('pool create prod --server ovs5=10.4.0.1 --server ovs6=10.4.0.2 --ha --virtual-ip 10.4.0.250')
    expect(await farm.list('pool show prod')).toMatchObject({ master: 'ovs5', storage: 'shared', ha: true, virtualIp: '10.4.0.250', serverCount: 2 })
    expect(await farm.list('server list --pool prod')).toMatchObject([{ name: 'ovs5', roles: ['master', 'utility', 'vm'] }, { name: 'ovs6', roles: ['vm'] }])
    expect(await farm.list('repo list --pool prod')).toMatchObject([{ kind: 'san', root: true, sizeMiB: 4_194_304 }])
    await farm.ok('vm create db --pool prod --pxe --os el5 --ha --start')
    await farm.ok('vm migrate db --to ovs6')
    // A server without an address is reached by its name.
    await farm.ok('pool create lab --server lab1')
    expect(await farm.list('server list --pool lab')).toMatchObject([{ name: 'lab1', address: '10.3.0.1' }])
  })

  it('is refused with what is wrong, and nothing of it is there', async () => {
    const farm = new Farm('figure-8')
    expect(await farm.refused('pool create pool1 --server ovs4')).toEqual(['pool.exists', 5, expect.stringContaining('choose another name')])
    expect(await farm.refused('pool create p_1/x --server ovs4')).toEqual(['usage.name', 2, expect.stringContaining('at most 63')])
    expect(await farm.refused('pool create p --server ovs1 --address 10.9.0.1')).toEqual(['server.exists', 5, expect.stringContaining('there is a server ovs1 already, in pool pool1 | server list')])
    expect(await farm.refused('pool create p --server ovs9 --address 10.1.0.2')).toEqual(['server.exists', 5, expect.stringContaining('server ovs2 at 10.1.0.2')])
    expect(await farm.refused('pool create p --server ovs9 --address 10.300.0.2')).toEqual(['usage.argument', 2, expect.stringContaining('IPv4 address such as 10.3.0.1, or a host name')])
    expect(await farm.refused('pool create p --server a=10.9.0.1 --server b=10.9.0.1')).toEqual(['usage.argument', 2, expect.stringContaining('give each its own')])
    expect(await farm.refused('pool create p --server a --server b --address 10.9.0.1')).toEqual(['usage.argument', 2, expect.stringContaining('NAME=ADDRESS')])
    expect(await farm.refused('pool create p --server a --server b --storage local')).toEqual(['pool.local', 5, expect.stringContaining('2 servers | a pool with shared storage')])
    expect(await farm.refused('pool create p --server a --storage local --ha --virtual-ip 10.9.0.9')).toEqual(['pool.local', 5, expect.stringContaining('HA and a virtual IP')])
    expect(await farm.refused('pool create p --server a --virtual-ip 10.9.0')).toEqual(['usage.argument', 2, expect.stringContaining('free IPv4 address')])
    expect(await farm.refused('pool create p --server a --virtual-ip 10.1.0.1')).toEqual(['server.exists', 5, expect.stringContaining('server ovs1 at 10.1.0.1')])
    expect(await farm.refused('pool create p --server a=10.9.0.1 --virtual-ip 10.9.0.1')).toEqual(['server.exists', 5, expect.stringContaining('a virtual IP is an address of its own')])
    expect(await farm.refused('pool create p q --server a')).toEqual(['usage.argument', 2, expect.stringContaining('one pool is made at a time')])
    expect(await farm.names('pool list')).toEqual(['pool1', 'pool2'])
    // What is only tried out leaves nothing: the same servers can still be had under other names.
    expect((await farm.json('pool create p --server s1=10.9.0.1 --server s2=10.9.0.2 --dry-run')).wouldDo).toBe(1)
    expect((await farm.json('pool create p --server x1=10.9.0.1 --server x2=10.9.0.2')).done).toBe(1)
  })

  it('is for administrators to make and to delete; a manager sees to those granted to him', async () => {
    const farm = new Farm('figure-8')
    for (const user of ['operator', 'alice']) expect(await farm.refused(`pool create p --server s -u ${user}`), user).toEqual(['auth.denied', 4, expect.stringContaining('pool create')])
    expect(await farm.refused('pool delete pool2 --yes -u operator')).toEqual(['auth.denied', 4, expect.anything()])
    expect((await farm.json('pool add-server pool1 ovs4 --address 10.1.0.4 -u operator')).done).toBe(1)
    await farm.ok('pool create p --server s')
    expect(await farm.refused('pool update p --ha -u operator')).toEqual(['auth.denied', 4, expect.stringContaining('pool p')])
    expect(await farm.refused('pool add-server p s2 --address 10.9.9.9 -u operator')).toEqual(['auth.denied', 4, expect.stringContaining('grant him the pool')])
    expect(await farm.refused('pool remove-server p s --yes -u operator')).toEqual(['auth.denied', 4, expect.anything()])
    expect(await farm.refused('pool add-server pool1 s2 -u alice')).toEqual(['auth.denied', 4, expect.anything()])
    // A grant goes with the name of the pool, and ends with it.
    await farm.ok('pool update pool1 --rename main')
    expect(await farm.list('user show operator')).toMatchObject({ pools: ['main', 'pool2'] })
    expect((await farm.json('pool master main ovs2 -u operator')).done).toBe(1)
  })
})

describe('servers of a pool', () => {
  it('join where storage is shared, with the roles they are given and those that nobody has', async () => {
    const farm = new Farm('figure-8')
    await farm.ok('pool add-server pool1 ovs4=10.1.0.4 ovs5=10.1.0.5 --roles utility,vm')
    await farm.ok('server add ovs6 --pool pool1 --address 10.1.0.6')
    expect(await farm.refused('server add ovs7')).toEqual(['usage.argument', 2, expect.stringContaining('--pool')])
    expect((await farm.list('server list --pool pool1')).map(({ name, roles }) => [name, roles])).toEqual([['ovs1', ['master', 'utility', 'vm']], ['ovs2', ['vm']], ['ovs4', ['utility', 'vm']], ['ovs5', ['utility', 'vm']], ['ovs6', ['vm']]])
    await farm.ok('vm start vm1 --on ovs4')
    await farm.ok('vm migrate vm1 --to ovs6')
    expect(await farm.refused('pool add-server pool2 ovs7 --address 10.2.0.2')).toEqual(['pool.local', 5, expect.stringContaining('pool pool2 has local storage, which does not go with 2 servers | a pool with shared storage')])
    expect(await farm.refused('pool add-server pool1 ovs7 --address 10.1.0.7 --roles master')).toEqual(['pool.roles', 5, expect.stringContaining('server ovs1 is the master of pool pool1, and a pool has one | leave the role out; pool master pool1 SERVER moves it')])
    expect(await farm.refused('pool add-server pool1 ovs7 --address 10.1.0.7 --roles cook')).toEqual(['usage.argument', 2, expect.stringContaining('roles: master, utility, vm')])
    expect(await farm.refused('pool add-server pool1 ovs2 --address 10.1.0.7')).toEqual(['server.exists', 5, expect.anything()])
    expect(await farm.refused('pool add-server pool1 ovs7 --address 10.1.0.6')).toEqual(['server.exists', 5, expect.anything()])
    expect(await farm.refused('pool add-server nowhere ovs7')).toEqual(['not-found.pool', 3, expect.anything()])
    expect(await farm.refused('pool add-server pool1')).toEqual(['usage.argument', 2, expect.anything()])
    await farm.ok('sim fault agent-down ovs1')
    expect(await farm.refused('pool add-server pool1 ovs7 --address 10.1.0.7')).toEqual(['agent.unreachable', 8, expect.stringContaining('server ovs1')])
  })

  it('leave when nothing is on them and the rest has every role; all together leave an empty pool, whose next one is its master', async () => {
    const farm = new Farm('figure-8')
    expect(await farm.refused('pool remove-server pool1 ovs2')).toEqual(['guard.confirm', 5, expect.stringContaining('of 1 server wants')])
    expect(await farm.refused('server remove ovs2')).toEqual(['guard.confirm', 5, expect.anything()])
    await farm.ok('vm start vm1 vm2 --on ovs2')
    expect(await farm.refused('pool remove-server pool1 ovs2 --yes')).toEqual(['server.guests', 5, expect.stringContaining('guests vm1, vm2 are on server ovs2 | vm migrate --server ovs2 --to auto')])
    await farm.ok('vm migrate --server ovs2 --to auto')
    expect(await farm.refused('pool remove-server pool1 ovs1 --yes --force')).toEqual(['server.guests', 5, expect.anything()])
    await farm.ok('vm stop --pool pool1 --yes')
    expect(await farm.refused('pool remove-server pool1 ovs1 --yes')).toEqual(['pool.roles', 5, expect.stringContaining('the role master and utility of server ovs1 | pool master pool1 SERVER names another first')])
    await farm.ok('pool master pool1 ovs2')
    expect(await farm.refused('server remove ovs1 --yes')).toEqual(['pool.roles', 5, expect.stringContaining('the role utility of server ovs1 | server update SERVER --roles')])
    expect(await farm.refused('pool remove-server pool2 ovs1 --yes')).toEqual(['not-found.server', 3, expect.stringContaining('server list --pool pool2')])
    await farm.ok('vm update vm3 --tag a=b')
    const gone = await farm.json('pool remove-server pool1 ovs1 ovs2 --yes')
    expect(gone.items).toMatchObject([{ kind: 'server', name: 'ovs1', result: 'done' }, { kind: 'server', name: 'ovs2', result: 'done' }])
    expect(await farm.list('pool show pool1')).toMatchObject({ state: 'empty', master: null, serverCount: 0, vmCount: 6 })
    expect(await farm.refused('vm start vm1')).toEqual([expect.stringMatching(/^(capacity.server|pool.no-master)$/), 5, expect.anything()])
    // They are nobody's: whoever comes to an empty pool first is all that a pool needs.
    await farm.ok('pool add-server pool1 new1 --address 10.1.0.2 --roles vm')
    expect(await farm.list('server show new1')).toMatchObject({ pool: 'pool1', roles: ['master', 'utility', 'vm'] })
    await farm.ok('vm start vm1')
    expect(await farm.list('vm show vm1')).toMatchObject({ server: 'new1' })
    // The only server of a pool with local storage takes the guests' files along.
    expect(await farm.refused('server remove ovs3 --yes')).toEqual(['pool.guests', 5, expect.stringContaining('vm7, vm8, vm9, vm10 of pool pool2 would be lost')])
  })

  it('that cannot be told that they are free leave by force only', async () => {
    const farm = new Farm('figure-8')
    await farm.ok('server stop ovs2 --yes')
    expect(await farm.refused('server remove ovs2 --yes')).toEqual(['agent.unreachable', 8, expect.stringContaining('--force removes it all the same')])
    expect((await farm.json('server remove ovs2 --yes --force')).done).toBe(1)
    expect(await farm.names('server list --pool pool1')).toEqual(['ovs1'])
    expect(await farm.list('farm status')).toMatchObject({ degraded: [], servers: { total: 2 } })
    // What it still takes itself for is no obstacle to the same manager.
    expect((await farm.refused('pool add-server pool1 ovs2 --address 10.1.0.2'))[0]).toBe('agent.unreachable')
  })

  it('of another kind of processor, and too many for HA, are a warning', async () => {
    const farm = new Farm('figure-8')
    await farm.ok('pool add-server pool1 ovs4 --address 10.1.0.4')
    await farm.ok('server remove ovs4 --yes')
    await farm.meddle('ovs4', { cpu_model: '44' })
    const { stderr, stdout } = await farm.ok('pool add-server pool1 ovs4 --address 10.1.0.4 -o json')
    expect(stderr).toContain('Warning: ovs4: server ovs4 has CPU family 6 model 44, unlike ovs1, ovs2: guests cannot migrate live between them')
    expect((JSON.parse(stdout) as Report).warnings).toMatchObject([{ name: 'ovs4' }])
    expect(await farm.list('event list --filter severity=warning')).toMatchObject([{ kind: 'pool.add-server-warning', subject: 'ovs4', user: 'admin' }])
    expect((await farm.list('pool check pool1')).find(check => check['check'] === 'pool1 cpu')).toMatchObject({ result: 'warning' })
    await farm.ok('vm start vm1 --on ovs1')
    expect(await farm.refused('vm migrate vm1 --to ovs4')).toEqual(['migrate.blocked', 5, expect.anything()])

    const many = Array.from({ length: 30 }, (_, at) => `n${at}=10.1.1.${at + 1}`).join(' ')
    expect((await farm.json(`pool add-server pool1 ${many}`)).warnings).toHaveLength(30)
    const limit = await farm.run('pool update pool1 --ha --virtual-ip 10.1.0.250')
    expect([limit.exit, limit.stderr]).toEqual([0, expect.stringContaining('Warning: pool1: pool pool1 has HA and 33 servers, more than its soft limit of 32')])
    expect((await farm.list('pool check pool1')).find(check => check['check'] === 'pool1 soft limit')).toMatchObject({ result: 'warning' })
    expect((await farm.run('pool add-server pool1 n30 --address 10.1.2.1 --dry-run')).stderr).toContain('34 servers, more than its soft limit')
  })
})

describe('agents and owners of servers', () => {
  it('want the password that the agent was given, which no output, event or journal holds', async () => {
    const farm = new Farm('figure-8')
    const right = farm.file('right', 'chosen-at-installation\n')
    const wrong = farm.file('wrong', 'guessed-by-somebody\n')
    await farm.ok(`pool add-server pool1 ovs4 --address 10.1.0.4 --agent-password-file ${right}`)
    await farm.ok('server remove ovs4 --yes')
    expect(await farm.refused('pool add-server pool1 ovs4 --address 10.1.0.4')).toEqual(['agent.password', 5, expect.stringContaining('wants a password | --agent-password-file FILE')])
    expect(await farm.refused(`pool add-server pool1 ovs4 --address 10.1.0.4 --agent-password-file ${wrong}`)).toEqual(['agent.password', 5, expect.stringContaining('does not take that password')])
    expect(await farm.refused(`pool create p --server first=10.9.0.1 --server ovs4=10.1.0.4 --agent-password-file ${wrong}`)).toEqual(['agent.password', 5, expect.anything()])
    expect(await farm.names('pool list')).toEqual(['pool1', 'pool2'])
    expect((await farm.json(`pool add-server pool1 ovs4 --address 10.1.0.4 --agent-password-file ${right}`)).done).toBe(1)
    for (const line of ['event list', 'run list', 'job list', 'server show ovs4', 'run show $(run)']) {
      const { stdout } = await farm.run(`${line.replace('$(run)', (await farm.names('run list')).at(-1)!)} -o json`)
      expect(stdout, line).not.toMatch(/chosen-at|guessed-by/)
    }
    // The first server of the pool that came to nothing is free, and has the password that it turned up with.
    expect((await farm.json(`pool create q --server other --address 10.9.0.1 --agent-password-file ${wrong}`)).done).toBe(1)
  })

  it('belong to one manager: another takes them by force only, which is an event', async () => {
    const farm = new Farm('figure-8')
    await farm.ok('pool create p --server ovs4 --address 10.9.0.1')
    await farm.ok('pool delete p --yes')
    await farm.meddle('ovs4', { owner: 'management-pack' })
    expect(await farm.refused('pool create q --server ovs4 --address 10.9.0.1')).toEqual(['server.owned', 5, expect.stringContaining('server ovs4 at 10.9.0.1 belongs to management-pack | --force takes it')])
    expect(await farm.refused('pool add-server pool1 ovs4 --address 10.9.0.1')).toEqual(['server.owned', 5, expect.anything()])
    expect((await farm.json('pool add-server pool1 ovs4 --address 10.9.0.1 --force')).done).toBe(1)
    expect(await farm.list('event list --filter kind=pool.add-server')).toMatchObject([{ subject: 'ovs4', user: 'admin', message: 'server ovs4 added to pool pool1 as vm, taken from management-pack' }])
  })

  it('may take a pool away: refresh finds out, nothing in it changes any more, and restore takes it back by force', async () => {
    const farm = new Farm('figure-8')
    await farm.meddle('ovs3', { owner: 'management-pack' })
    const refreshed = await farm.run('pool refresh pool2')
    expect([refreshed.exit, refreshed.stderr]).toEqual([0, expect.stringContaining('server ovs3 belongs to management-pack: pool restore pool2 --force takes it back')])
    for (const line of ['vm start vm7', 'pool update pool2 --rename x', 'pool add-server pool2 s --address 10.9.0.1', 'pool master pool2', 'server remove ovs3 --yes', 'pool delete pool2 --yes', 'pool restore pool2']) {
      expect((await farm.refused(line)).slice(0, 2), line).toEqual(['pool.owned', 5])
    }
    expect((await farm.refused('server stop ovs3 --yes'))[2]).toContain('pool restore pool2 --force takes it')
    expect((await farm.list('pool check pool2')).find(check => check['check'] === 'pool2 owner')).toMatchObject({ result: 'error' })
    expect((await farm.json('pool restore pool2 --force')).done).toBe(1)
    expect((await farm.list('event list --filter kind=pool.restore')).at(-1)).toMatchObject({ message: 'pool pool2 restored: ovs3, taken from management-pack' })
    await farm.ok('vm start vm7')
  })
})

describe('a pool that is there', () => {
  it('is given HA, a virtual IP, a name and another storage, by the rules', async () => {
    const farm = new Farm('figure-8')
    expect(await farm.refused('pool update pool1')).toEqual(['usage.argument', 2, expect.stringContaining('--virtual-ip')])
    expect(await farm.refused('pool update pool2 --ha')).toEqual(['pool.local', 5, expect.stringContaining('HA | a pool with shared storage')])
    expect(await farm.refused('pool update pool2 --virtual-ip 10.2.0.250')).toEqual(['pool.local', 5, expect.stringContaining('a virtual IP')])
    expect(await farm.refused('pool update pool1 --storage local')).toEqual(['pool.local', 5, expect.stringContaining('2 servers')])
    expect(await farm.refused('pool update pool2 --storage shared')).toEqual(['pool.storage', 5, expect.stringContaining('a repository on a local disk | repo remove takes it away once it is empty')])
    expect(await farm.refused('pool update pool1 --virtual-ip 10.1.0.2')).toEqual(['server.exists', 5, expect.stringContaining('a virtual IP is an address of its own')])
    expect(await farm.refused('pool update pool1 --virtual-ip nonsense')).toEqual(['usage.argument', 2, expect.anything()])
    expect(await farm.refused('pool update pool1 --rename pool2')).toEqual(['pool.exists', 5, expect.anything()])
    expect(await farm.refused('pool update --all --rename x')).toEqual(['usage.argument', 2, expect.stringContaining('rename one at a time')])
    expect((await farm.json('pool update pool1 --ha --virtual-ip 10.1.0.250 --reason night')).done).toBe(1)
    expect((await farm.json('pool update pool1 --ha')).unchanged).toBe(1)
    expect(await farm.refused('pool update pool1 --ha --strict')).toEqual(['pool.unchanged', 5, expect.stringContaining('leave out --strict')])
    expect(await farm.refused('pool add-server pool1 x --address 10.1.0.250')).toEqual(['server.exists', 5, expect.stringContaining('the virtual IP of pool pool1')])
    await farm.ok('vm create safe --pool pool1 --pxe --os el5 --ha')
    expect(await farm.refused('pool update pool1 --no-ha')).toEqual(['pool.ha', 5, expect.stringContaining('guest safe counts on the HA of pool pool1')])
    await farm.ok('vm delete safe --yes')
    expect((await farm.json('pool update pool1 --no-ha --no-virtual-ip')).done).toBe(1)
    expect(await farm.list('pool show pool1')).toMatchObject({ ha: false, virtualIp: null })
    const [first] = await farm.list('event list --filter kind=pool.update')
    expect(first).toMatchObject({ message: 'pool pool1 updated: ha false → true, virtualIp none → 10.1.0.250' })
  })

  it('changes from local to shared storage once it has no local repository; HA waits for a shared root', async () => {
    const farm = new Farm('figure-8')
    await farm.ok('pool create edge --server ovs4 --address 10.3.0.1')
    await farm.ok('repo remove edge//dev/sdb1 --yes')
    await farm.ok('pool update edge --storage shared')
    expect(await farm.refused('pool update edge --ha')).toEqual(['pool.ha', 5, expect.stringContaining('no shared root repository, which HA needs | repo add --pool edge')])
    expect(await farm.refused('vm create new1 --pool edge --pxe --os el5')).toEqual(['pool.no-repository', 5, expect.anything()])
    expect((await farm.list('pool check edge')).filter(check => check['result'] === 'error')).toMatchObject([{ check: 'edge storage', hint: 'repo add --pool edge --device DEVICE' }])
    await farm.ok('repo add --pool edge --device /dev/sdc1')
    await farm.ok('pool add-server edge ovs5 --address 10.3.0.2')
    await farm.ok('pool update edge --ha --virtual-ip 10.3.0.250')
    await farm.ok('vm create new1 --pool edge --pxe --os el5 --ha --start')
    await farm.ok('vm migrate new1 --to auto')
    // The pools of the preset hold files that nobody recorded.
    expect((await farm.list('repo check edge/dev/sdc1')).filter(check => check['result'] !== 'ok')).toEqual([])
  })

  it('is brought back to what it was by run undo', async () => {
    const farm = new Farm('figure-8')
    const undo = async (line: string) => farm.ok(`run undo ${(JSON.parse((await farm.ok(`${line} -o json`)).stdout) as { run: string }).run} --yes`)
    await undo('pool update pool1 --ha --virtual-ip 10.1.0.250 --rename main')
    await undo('pool master pool1 ovs2')
    await undo('pool add-server pool1 ovs4 --address 10.1.0.4')
    await undo('pool create p --server ovs5')
    expect(await farm.list('pool list')).toMatchObject([{ name: 'pool1', ha: false, virtualIp: null, master: 'ovs1', serverCount: 2 }, { name: 'pool2' }])
    const gone = JSON.parse((await farm.ok('server remove ovs2 --yes -o json')).stdout) as { run: string }
    expect(await farm.refused(`run undo ${gone.run} --yes`)).toEqual(['undo.impossible', 5, expect.stringContaining('pool add-server')])
  })

  it('has the master that is named, and mends itself where none is up', async () => {
    const farm = new Farm('figure-8')
    await farm.ok('pool master pool1 ovs2')
    expect((await farm.list('server list --pool pool1')).map(({ name, roles }) => [name, roles])).toEqual([['ovs1', ['utility', 'vm']], ['ovs2', ['master', 'vm']]])
    await farm.ok('vm start vm1 vm2')
    expect((await farm.json('pool master pool1 ovs2')).unchanged).toBe(1)
    expect((await farm.json('pool master pool1')).unchanged).toBe(1)
    expect(await farm.refused('pool master pool1 ovs2 --strict')).toEqual(['pool.unchanged', 5, expect.stringContaining('server ovs2 is the master')])
    expect(await farm.refused('pool master pool1 ovs3')).toEqual(['not-found.server', 3, expect.stringContaining('pool pool1 has no server ovs3 | server list --pool pool1')])
    await farm.ok('sim fault server-power-loss ovs2')
    expect(await farm.list('pool show pool1')).toMatchObject({ state: 'no-master' })
    expect(await farm.refused('pool update pool1 --virtual-ip 10.1.0.250')).toEqual(['pool.no-master', 5, expect.stringContaining('pool master pool1 gives it one')])
    expect(await farm.refused('pool add-server pool1 x --address 10.1.0.9')).toEqual(['pool.no-master', 5, expect.anything()])
    expect(await farm.refused('pool master pool1 ovs2 --strict')).toEqual(['pool.unchanged', 5, expect.anything()])
    expect(((await farm.list('pool check pool1')).find(check => check['check'] === 'pool1 master'))).toMatchObject({ result: 'error', hint: 'pool master pool1 gives it one' })
    expect((await farm.run('pool check')).exit).toBe(8)
    expect((await farm.run("pool check --filter check=nothing")).exit).toBe(8)
    expect((await farm.json('pool master pool1')).items).toMatchObject([{ result: 'done', state: 'degraded' }])
    expect(await farm.list('pool show pool1')).toMatchObject({ master: 'ovs1', state: 'degraded' })
    await farm.ok('vm start vm3 --on ovs1')
  })

  it('is deleted when nobody would miss what it holds: its servers are free, its grants are gone', async () => {
    const farm = new Farm('figure-8')
    expect(await farm.refused('pool delete pool2')).toEqual(['guard.confirm', 5, expect.anything()])
    expect(await farm.refused('pool delete pool2 --yes')).toEqual(['pool.guests', 5, expect.stringContaining('pool pool2 holds vm7, vm8, vm9, vm10 | delete them')])
    await farm.ok('vm delete --pool pool2 --yes')
    expect((await farm.json('pool delete pool2 --dry-run')).wouldDo).toBe(1)
    expect((await farm.json('pool delete pool2 --yes')).done).toBe(1)
    expect(await farm.names('pool list')).toEqual(['pool1'])
    expect(await farm.names('server list')).toEqual(['ovs1', 'ovs2'])
    expect(await farm.list('repo list')).toHaveLength(1)
    expect(await farm.names('iso list')).toEqual(['ol5u5.iso'])
    expect(await farm.list('user show operator')).toMatchObject({ pools: ['pool1'] })
    expect(await farm.list('event list --filter kind=pool.delete')).toMatchObject([{ message: 'pool pool2 deleted, with ol5u5-pv, ol5u5.iso; ovs3 is free' }])
    await farm.ok('pool create again --server ovs3 --address 10.2.0.1')
    expect(await farm.list('repo list --pool again')).toMatchObject([{ freeMiB: 1_048_576 }])
    await farm.ok('sim fault server-power-loss ovs3')
    expect(await farm.refused('pool delete again --yes')).toEqual(['pool.no-master', 5, expect.stringContaining('--force deletes the pool all the same')])
    expect((await farm.json('pool delete again --yes --force')).done).toBe(1)
  })

  it('learns by refresh what its servers report, and they by restore what they are', async () => {
    const farm = new Farm('figure-8')
    expect((await farm.json('pool refresh --all')).unchanged).toBe(2)
    expect((await farm.json('pool restore --all')).unchanged).toBe(2)
    await farm.meddle('ovs2', { memory_mib: 131_072, cores: 16, release: '2.2.1', owner: null, pool_id: null, roles: '[]' })
    const refreshed = await farm.run('pool refresh pool1')
    expect([refreshed.exit, refreshed.stderr]).toEqual([0, expect.stringContaining('server ovs2 does not know what it is in pool pool1: pool restore pool1 tells it')])
    expect(await farm.list('server show ovs2')).toMatchObject({ memoryMiB: 131_072, cores: 16, release: '2.2.1' })
    expect(await farm.list('event list --filter kind=pool.refresh')).toMatchObject([{ message: 'pool pool1 refreshed: server ovs2' }])
    expect((await farm.json('pool restore pool1 --dry-run')).wouldDo).toBe(1)
    expect((await farm.json('pool restore pool1')).done).toBe(1)
    expect((await farm.json('pool restore pool1')).unchanged).toBe(1)
    expect((await farm.json('pool refresh pool1')).unchanged).toBe(1)
    // A guest that is off behind the manager's back, and a server that fell silent.
    await farm.ok('vm start vm1 --on ovs2')
    await farm.ok('sim fault agent-down ovs2')
    const silent = await farm.run('pool refresh pool1')
    expect(silent.stderr).toContain('server ovs2 does not answer')
    await farm.ok('sim fault agent-down ovs1')
    expect(await farm.refused('pool refresh pool1')).toEqual(['agent.unreachable', 8, expect.anything()])
    expect(await farm.refused('pool restore pool1')).toEqual(['agent.unreachable', 8, expect.anything()])
  })

  it('is held against the rules: spare room for the largest guest that runs, on another server', async () => {
    const farm = new Farm('figure-8')
    const check = async (what: string) => (await farm.list('pool check pool1')).find(one => one['check'] === `pool1 ${what}`)
    expect((await farm.run('pool check')).exit).toBe(0)
    expect(await check('spare room')).toMatchObject({ result: 'ok', message: 'nothing runs' })
    await farm.ok('vm create big --pool pool1 --pxe --os el5 --memory-mib 50GiB --start')
    expect(await check('spare room')).toMatchObject({ result: 'ok', message: expect.stringContaining('big (50 GiB, 1 virtual CPUs), on another server') as string })
    await farm.ok('vm create bulky --pool pool1 --pxe --os el5 --memory-mib 40GiB --start')
    expect(await check('spare room')).toMatchObject({ result: 'warning', message: expect.stringContaining('guest big') as string })
    expect(await check('ha')).toMatchObject({ result: 'ok', message: expect.stringContaining('pool update pool1 --ha') as string })
    await farm.ok('pool update pool1 --ha')
    expect(await check('ha')).toMatchObject({ result: 'warning', hint: 'pool update pool1 --virtual-ip ADDRESS' })
    expect((await farm.run('pool check nowhere')).exit).toBe(3)
    expect(await farm.list('pool check pool2 -u alice')).toMatchObject([{ check: 'pool2 owner' }, { check: 'pool2 master', message: 'ovs3' }, { check: 'pool2 servers' }, { check: 'pool2 roles' }, { check: 'pool2 storage' }, { check: 'pool2 ha', message: 'off: local storage cannot have it' }])
  })
})
