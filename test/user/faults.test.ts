import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DatabaseSync } from '@photostructure/sqlite'
import { describe, expect, it } from 'vitest'
import { Session } from '../session.js'

type Data = Record<string, unknown>
const kinds = ['agent-down', 'server-power-loss', 'reply-lost', 'guest-crash', 'guest-hang', 'copy-fail', 'lock-stuck']

describe('sim fault', () => {
  it('adds, lists and clears faults', () => {
    const farm = new Session('figure-8')
    expect(farm.json('sim fault list')).toEqual([])
    expect(farm.json('sim fault guest-hang vm1')).toEqual({ id: 'fault-1', kind: 'guest-hang', subject: 'vm1', at: '2010-07-28T00:00:00Z', until: null, probability: null, count: null, occasions: 0, state: 'active' })
    expect(farm.json('sim fault reply-lost ovs1 --at 2010-07-28T02:00:00+01:00 --for 10m --probability 25% --count 3')).toEqual({ id: 'fault-2', kind: 'reply-lost', subject: 'ovs1', at: '2010-07-28T01:00:00Z', until: '2010-07-28T01:10:00Z', probability: 0.25, count: 3, occasions: 0, state: 'waiting' })
    expect(farm.json('sim status')['nextDueAt']).toBe('2010-07-28T01:00:00Z')
    expect(farm.ok('sim fault list -o name')).toBe('fault-1\nfault-2\n')
    expect(farm.json<Data[]>('sim fault clear fault-1').map(fault => fault['id'])).toEqual(['fault-1'])
    expect(farm.ok('sim fault list -o name')).toBe('fault-2\n')
    expect(farm.ok('sim fault list')).toMatch(/^ID +KIND +SUBJECT +STATE +AT +UNTIL +OCCASIONS\n/)
    farm.ok('sim fault clear')
    expect(farm.json('sim fault list')).toEqual([])
    expect(farm.json('sim fault agent-down ovs1')['id']).toBe('fault-3')
  })

  it('says with exit 2 which kinds there are, and which flags one takes', () => {
    const farm = new Session('figure-8')
    for (const words of ['sim fault flood vm1', 'sim fault', 'sim fault guest-crash', 'sim fault guest-crash vm1 vm2', 'sim fault agent-down ovs1 --probability 50%', 'sim fault agent-down ovs1 --count 2', 'sim fault guest-hang vm1 --probability 2', 'sim fault guest-hang vm1 --at yesterday',
      'sim fault guest-hang vm1 --at 2010-07-27T00:00:00Z', 'sim fault guest-hang vm1 --at 2010-07-28', 'sim fault guest-hang vm1 --for soon', 'sim fault guest-hang vm1 --count 0', 'sim fault list everything']) {
      expect(farm.run(words).exit, words).toBe(2)
    }
    const { error } = farm.json<{ error: Data }>('sim fault flood vm1')
    expect(error).toMatchObject({ code: 'sim.fault', details: { kinds } })
    const help = farm.ok('sim fault --help')
    for (const kind of kinds) expect(help).toContain(kind)
    expect(farm.json('sim fault list')).toEqual([])
  })

  it('says with exit 3 what is not there', () => {
    const farm = new Session('figure-8')
    const codeOf = (words: string) => { const ended = farm.run(`${words} -o json`); return [ended.exit, (JSON.parse(ended.stdout) as { error: Data }).error['code']] }
    expect(codeOf('sim fault guest-crash vm99')).toEqual([3, 'not-found.vm'])
    expect(farm.run('sim fault guest-crash vm99').stderr).toContain('Hint: vm list shows what there is\n')
    expect(codeOf('sim fault agent-down vm1')).toEqual([3, 'not-found.server'])
    expect(codeOf('sim fault copy-fail nowhere')).toEqual([3, 'not-found.vm'])
    expect(codeOf('sim fault clear fault-7')).toEqual([3, 'not-found.fault'])
    expect(codeOf('sim fault list --farm none')).toEqual([3, 'farm.not-found'])
  })

  it('strikes when the clock gets there: by waiting, or by moving it', () => {
    const farm = new Session('figure-8')
    farm.ok('sim fault guest-crash vm1 --at 15s')
    const report = farm.json<{ items: Data[] }>('vm start vm1')
    expect(report.items).toMatchObject([{ result: 'failed', state: 'powered-off', seconds: 15, error: { code: 'vm.crashed' } }])
    farm.ok('vm start vm2')
    farm.ok('sim fault guest-crash pool1/vm2 --at 1m')
    farm.ok('sim clock --advance 59s')
    expect(farm.json<Data[]>('sim fault list').map(fault => fault['state'])).toEqual(['over', 'waiting'])
    farm.ok('sim clock --advance 1s')
    expect(farm.json<Data[]>('sim fault list')).toMatchObject([{ occasions: 1 }, { occasions: 1, state: 'over', subject: 'pool1/vm2' }])
  })

  it('gives the same bytes for the same seed, commands and faults', () => {
    const tell = () => {
      const farm = new Session('figure-8', '--running')
      farm.ok('sim fault server-power-loss ovs1 --at 5s --for 1m')
      farm.ok('sim fault guest-hang vm8 --probability 50%')
      farm.run('vm suspend --all --yes -o json')
      farm.run('vm stop vm8 --yes')
      farm.ok('sim clock --advance 1h')
      return ['vm list', 'server list', 'event list', 'sim fault list', 'sim status'].map(words => farm.ok(`${words} -o json`)).join('\n')
    }
    expect(tell()).toBe(tell())
  })

  it('reaches a command that is really waiting in another process, at once', async () => {
    const farm = new Session('figure-8')
    // By itself the start would end in eight hours.
    farm.ok('sim clock --rate 0.001')
    const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
    const env = { PATH: process.env['PATH'], HOME: farm.home, OVMCLI_HOME: join(farm.home, 'ovm') }
    const starting = spawn(process.execPath, [bin, 'vm', 'start', 'vm1', '-o', 'json'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
    let text = ''
    starting.stdout.setEncoding('utf8').on('data', (part: string) => { text += part })
    const ended = new Promise<number | null>(resolve => starting.on('close', resolve))
    while (farm.json('sim status')['activities'] !== 1) await new Promise(resolve => setTimeout(resolve, 50))
    farm.ok('sim fault guest-crash vm1')
    expect(await ended).toBe(5)
    expect(JSON.parse(text)).toMatchObject({ items: [{ result: 'failed', error: { code: 'vm.crashed' } }] })
  })

  it('is refused on a farm of an older ovmcli, which says so', () => {
    const farm = new Session('figure-6')
    const db = new DatabaseSync(join(farm.home, 'ovm/farms/figure-6/world.db'))
    db.exec('pragma user_version = 1')
    db.close()
    const ended = farm.run('sim fault list -o json')
    expect(ended.exit).toBe(8)
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'store.older', message: expect.stringContaining('older ovmcli') } })
  })
})
