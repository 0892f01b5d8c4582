import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session, type Ended } from '../session.js'

type Data = Record<string, unknown>

const reportOf = (ended: Ended) => JSON.parse(ended.stdout) as Report

describe('thirty-two commands at once', () => {
  it('start overlapping guests once each, wait for one another, miss no deadline and never see a busy database', async () => {
    const farm = new Session('grid', '--pools', '2', '--servers', '3', '--guests', '30')
    farm.ok('vm start --pool pool02')
    const all = Array.from({ length: 32 }, (_, at): string => {
      const from = at % 5
      switch (at % 8) {
        case 3: return `vm stop vm02-00${at % 3}? --yes -o json`
        case 4: return 'vm list -o json'
        case 5: return 'vm suspend vm02-002? --yes -o json --lease-wait 1h --timeout 2h'
        case 6: return 'vm start vm01-* -o json --timeout 20m'
        case 7: return 'run list -o json'
        default: return `vm start vm01-00[${from % 3}-${from % 3 + 1}]? -o json`
      }
    })
    const ended = await Promise.all(all.map(words => farm.start(words).ended))
    ended.forEach((one, at) => {
      const words = all[at]!
      expect([0, 6], `${words}: ${one.stderr}`).toContain(one.exit)
      expect(one.stdout + one.stderr, words).not.toMatch(/store\.|busy|database|locked/i)
      if (!words.startsWith('vm start')) return
      const report = reportOf(one)
      expect(report, words).toMatchObject({ done: report.total - report.unchanged })
      // 30 guests by four a server and 30 s each are through in 90 s; whoever waits for them sees it then.
      expect(report.elapsedSeconds, words).toBeLessThan(1_200)
    })
    const starts = farm.json<Data[]>("event list --filter kind=vm.start --filter subject~^vm01").map(event => event['subject'])
    expect(starts).toHaveLength(30)
    expect(new Set(starts).size).toBe(30)
    const reported = ended.flatMap((one, at) => (all[at]!.startsWith('vm start') ? reportOf(one).items.filter(item => item.result === 'done') : []))
    expect(reported).toHaveLength(30)
    expect(farm.json<Data[]>('run list --filter state!=finished')).toEqual([])
    expect(farm.json<Report>('vm reset-status --all')).toMatchObject({ unchanged: 60 })
  })
})

describe('a target that another command changes', () => {
  it('is refused with lease.held: exit 9 for one target, 6 for several, and nothing is written over', async () => {
    const farm = new Session('figure-9')
    farm.ok('sim clock --rate 1')
    const first = farm.start('vm start a-vm1 a-vm2 -o json')
    await first.underWay
    const one = farm.run('vm stop a-vm1 --yes -o json')
    expect(one.exit).toBe(9)
    const { job, error } = reportOf(one).items[0]!
    expect(job).toMatch(/^job-/)
    expect(error).toMatchObject({ code: 'lease.held', details: { operation: 'vm.start', job: expect.stringMatching(/^job-/) } })
    const several = farm.run('vm stop a-vm1 b-vm1 --yes -o json')
    expect([several.exit, reportOf(several)]).toMatchObject([6, { unchanged: 1, failed: 1 }])
    for (const words of ['vm reboot a-vm1 --yes', 'vm reset-status a-vm2']) expect(farm.run(words).exit, words).toBe(9)
    farm.ok('sim clock --pause')
    expect((await first.ended).exit).toBe(0)
    expect(farm.json<Data[]>('vm list --state running').map(vm => vm['name'])).toEqual(['a-vm1', 'a-vm2'])
  })

  it('is waited for as long as --lease-wait says, also when the clock runs', async () => {
    const farm = new Session('figure-6', '--running')
    farm.ok('sim fault guest-hang vm1')
    farm.ok('sim clock --rate 40')
    const stopping = farm.start('vm stop vm1 --yes --force-after 60s -o json')
    await stopping.underWay
    const starting = farm.start('vm start vm1 --lease-wait 10m --timeout 20m -o json')
    expect(reportOf(await stopping.ended)).toMatchObject({ done: 1 })
    const started = reportOf(await starting.ended)
    expect(started).toMatchObject({ done: 1 })
    expect(started.elapsedSeconds).toBeLessThan(600)
    farm.ok('sim clock --pause')
    expect(farm.json('vm show vm1')['state']).toBe('running')
  })

  it('is given up when --lease-wait ends before the other change does', () => {
    const farm = new Session('figure-6')
    farm.ok('vm start vm1 --no-wait')
    const ended = farm.run('vm stop vm1 --yes --lease-wait 29s -o json')
    expect([ended.exit, reportOf(ended)]).toMatchObject([9, { failed: 1, elapsedSeconds: 29 }])
    expect(farm.json<Report>('vm stop vm1 --yes --lease-wait 2s')).toMatchObject({ done: 1, elapsedSeconds: 11 })
  })

  it('and that the same way is joined: unchanged, with the job of the other', () => {
    const farm = new Session('figure-8')
    const handed = farm.json<Report>('vm start vm1 vm2 --no-wait')
    expect(handed).toMatchObject({ accepted: 2 })
    const joined = farm.json<Report>('vm start vm2 vm3')
    expect(joined.items).toMatchObject([{ name: 'vm2', result: 'unchanged', state: 'running', job: handed.items[1]!.job }, { name: 'vm3', result: 'done' }])
    farm.ok('vm stop vm1 --yes --no-wait')
    expect(farm.run('vm stop vm1 --yes --strict').exit).toBe(5)
    expect(farm.json<Data[]>('event list --filter kind=vm.start')).toHaveLength(3)
  })

  it('is free at once when its command is killed: who waits for it goes on, and the same change is not made twice', async () => {
    const farm = new Session('figure-6')
    farm.ok('sim clock --rate 1')
    const first = farm.start('vm start --all --parallel 2')
    await first.underWay
    const second = farm.start('vm start --all --parallel 2 -o json')
    await second.underWay
    first.signal('SIGKILL')
    await first.ended
    farm.ok('sim clock --pause')
    expect(reportOf(await second.ended)).toMatchObject({ total: 4, failed: 0, unknown: 0, notAttempted: 0 })
    expect(farm.json<Data[]>('event list --filter kind=vm.start').map(event => event['subject']).sort()).toEqual(['vm1', 'vm2', 'vm3', 'vm4'])
    for (const run of farm.json<Data[]>('run list --state interrupted')) farm.ok(`run resume ${String(run['id'])}`)
    expect(farm.json<Data[]>('event list --filter kind=vm.start')).toHaveLength(4)
  })
})

describe('a run that was handed over', () => {
  it('is driven on by whoever waits next, wave after wave', () => {
    const farm = new Session('grid', '--pools', '1', '--servers', '2', '--guests', '20')
    const { run, accepted } = farm.json<Report>('vm start vm01-00* --no-wait --parallel 4')
    expect(accepted).toBe(20)
    expect(farm.run(`run resume ${run}`).exit).toBe(9)
    expect(farm.json<Data[]>('vm list --state initializing')).toHaveLength(4)
    expect(farm.json<Report>('vm wait vm01-0008 --for running')).toMatchObject({ done: 1, elapsedSeconds: 60 })
    expect(farm.json<Data[]>('run list')).toMatchObject([{ state: 'running', done: 8 }])
    farm.ok('sim clock --advance 90s')
    expect(farm.json<Report>(`run show ${run}`)).toMatchObject({ done: 20, elapsedSeconds: 150 })
    expect(farm.json<Data[]>('run list')).toMatchObject([{ state: 'finished' }])
  })
})
