import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { isRemote } from '../remote-farm.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>

/** Runs a command that is killed, or whose manager is, as by kill -9, at a commit of its; the run it left. */
function cut(farm: Session, boundary: `${'before' | 'after'}:${number}`, words: string): string {
  const ended = farm.mishap(`kill ${boundary}`, words)
  expect(ended.killed, `${words} at ${boundary}: ${ended.stdout}`).toBe(true)
  const [run] = farm.json<Data[]>('run list')
  expect(run, `${words} at ${boundary}`).toMatchObject({ state: 'interrupted' })
  return String(run!['id'])
}

const startedSubjects = (farm: Session, kind: string) => farm.json<Data[]>(`event list --filter kind=${kind}`).map(event => String(event['subject'])).sort()
const statesOf = (farm: Session) => [...new Set(farm.json<Data[]>('vm list').map(vm => vm['state']))]

/** Nothing is under way, the record is what the servers report. */
function agrees(farm: Session): void {
  expect(farm.json<Data[]>('run list --filter state!=finished')).toEqual([])
  const report = farm.json<Report>('vm reset-status --all')
  expect(report).toMatchObject({ unchanged: report.total, failed: 0, done: 0 })
}

const bulk = [
  { words: 'vm start --all', running: false, state: 'running', kind: 'vm.start', boundary: 'after:3' },
  { words: 'vm stop --all --yes', running: true, state: 'powered-off', kind: 'vm.stop', boundary: 'before:8' },
  { words: 'vm reboot --all --yes --parallel 7', running: true, state: 'running', kind: 'vm.reboot', boundary: 'before:5' },
  { words: 'vm suspend --all --yes', running: true, state: 'suspended', kind: 'vm.suspend', boundary: 'after:6' },
] as const

describe('a bulk run that is killed', () => {
  const farms = { true: new Session('grid', '--pools', '1', '--servers', '3', '--guests', '24', '--running'), false: new Session('grid', '--pools', '1', '--servers', '3', '--guests', '24') }
  const copy = (running: boolean) => farms[`${running}`].copy()

  for (const { words, running, state, kind, boundary } of bulk) {
    it(`is finished by run resume, each guest once: ${words}`, () => {
      const farm = copy(running)
      const run = cut(farm, boundary, words)
      const resumed = farm.run(`run resume ${run} -o json`)
      expect([resumed.exit, JSON.parse(resumed.stdout)]).toMatchObject([0, { run, total: 24, done: 24, unknown: 0, notAttempted: 0 }])
      const subjects = startedSubjects(farm, kind)
      expect([subjects.length, new Set(subjects).size]).toEqual([24, 24])
      expect(statesOf(farm)).toEqual([state])
      agrees(farm)
    })
  }

  it('is finished by the same command given again, and then there is nothing left to resume', () => {
    const farm = copy(true)
    const run = cut(farm, 'before:8', 'vm stop --all --yes')
    expect(farm.run('vm stop --all --yes').exit).toBe(0)
    expect(startedSubjects(farm, 'vm.stop')).toHaveLength(24)
    expect(farm.json<Report>(`run resume ${run}`)).toMatchObject({ total: 24, failed: 0, unknown: 0, notAttempted: 0 })
    expect(startedSubjects(farm, 'vm.stop')).toHaveLength(24)
    agrees(farm)
  })

  it('leaves a server half emptied, and resume empties it and stops it', () => {
    const farm = copy(true)
    const run = cut(farm, 'after:4', 'server stop ovs01-03 --evacuate --yes')
    expect(statesOf(farm).every(state => state === 'running' || state === 'migrating')).toBe(true)
    expect(farm.json<Report>(`run resume ${run}`)).toMatchObject({ done: 1 })
    expect(farm.json('server show ovs01-03')['state']).toBe('off')
    expect(farm.json<Data[]>('vm list --state running')).toHaveLength(24)
    agrees(farm)
  })

  it('is resumed once by two resumes at a time', async () => {
    const farm = copy(false)
    const run = cut(farm, 'after:6', 'vm start --all')
    const ended = await Promise.all([farm.start(`run resume ${run} -o json`).ended, farm.start(`run resume ${run} -o json`).ended])
    const exits = ended.map(one => one.exit).sort()
    expect([[0, 0], [0, 9]]).toContainEqual(exits)
    for (const one of ended) if (one.exit === 9) expect(JSON.parse(one.stdout)).toMatchObject({ error: { code: 'lease.held' } })
    expect(startedSubjects(farm, 'vm.start')).toHaveLength(24)
    expect(farm.json<Report>(`run show ${run}`)).toMatchObject({ done: 24 })
    agrees(farm)
  })

  it('can be retried instead: what had begun stays with the run, the rest goes over, and retrying shrinks', () => {
    const farm = copy(false)
    const run = cut(farm, 'after:6', 'vm start --all --parallel 5')
    const retried = farm.json<Report>(`run retry ${run} --parallel 8`)
    expect(retried.total).toBeGreaterThan(0)
    expect(retried).toMatchObject({ done: retried.total, failed: 0 })
    expect(farm.json<Report>(`run resume ${run}`)).toMatchObject({ total: 24, done: 24 - retried.total, notAttempted: retried.total, unknown: 0 })
    expect(farm.json<Report>(`run retry ${run}`)).toMatchObject({ total: 0 })
    expect(farm.json<Report>(`run retry ${retried.run}`)).toMatchObject({ total: 0 })
    expect(startedSubjects(farm, 'vm.start')).toHaveLength(24)
    agrees(farm)
  })
})

describe('run retry', () => {
  it('takes the failed and not attempted only, and a retry of a retry takes less', () => {
    const farm = new Session('figure-9', '--running')
    for (const guest of ['a-vm1', 'a-vm2', 'b-vm1']) farm.ok(`sim fault guest-hang ${guest}`)
    const first = farm.json<Report>('vm stop --all --yes')
    expect(first).toMatchObject({ total: 12, done: 9, failed: 3 })
    farm.ok('sim fault clear fault-1')
    const second = farm.json<Report>(`run retry ${first.run}`)
    expect(second.items.map(item => [item.name, item.result])).toEqual([['a-vm1', 'done'], ['a-vm2', 'failed'], ['b-vm1', 'failed']])
    farm.ok('sim fault clear')
    expect(farm.json<Report>(`run retry ${second.run}`)).toMatchObject({ total: 2, done: 2 })
    expect(farm.json<Report>(`run retry ${first.run}`)).toMatchObject({ total: 0 })
    expect(farm.json<Report>(`run show ${first.run}`)).toMatchObject({ total: 12, done: 9, failed: 3 })
  })
})

describe('run resume', () => {
  it('knows no other runs, and does nothing to one that has ended', () => {
    const farm = new Session('figure-8')
    const { run } = farm.json<Report>('vm start vm1 vm7')
    const before = farm.json<Data[]>('event list')
    expect(farm.json<Report>(`run resume ${run}`)).toMatchObject({ run, total: 2, done: 2 })
    expect(farm.json<Data[]>('event list')).toEqual(before)
    for (const verb of ['show', 'resume', 'retry']) {
      const ended = farm.run(`run ${verb} run-00000000 -o json`)
      expect([ended.exit, JSON.parse(ended.stdout)], verb).toMatchObject([3, { error: { code: 'not-found.run', exit: 3 } }])
    }
    expect(farm.run('run resume').exit).toBe(2)
  })

  it('is for whoever may do what the run does: a manager of the pool may, a user does not even see it', () => {
    const farm = new Session('figure-9')
    const run = cut(farm, 'after:4', 'vm start --all --parallel 2')
    for (const verb of ['show', 'resume', 'retry']) expect(farm.run(`run ${verb} ${run} --user alice`).exit, verb).toBe(3)
    expect(farm.json<Data[]>('run list --user alice')).toEqual([])
    expect(farm.json<Report>(`run resume ${run} --user operator`)).toMatchObject({ run, total: 12, done: 12 })
    agrees(farm)
  })
})

describe('a signal in the middle of a run', () => {
  const moving = (preset: string) => {
    const farm = new Session(preset)
    farm.ok('sim clock --rate 1')
    return farm
  }

  it.each([['SIGINT', 130], ['SIGTERM', 143]] as const)('%s launches nothing more, records, prints the report and exits with %i', async (signal, exit) => {
    const farm = moving('figure-8')
    const command = farm.start('vm start --all --parallel 3 -o json')
    await command.underWay
    command.signal(signal)
    const ended = await command.ended
    expect(ended.exit, ended.stderr).toBe(exit)
    const report = JSON.parse(ended.stdout) as Report
    expect(report.total).toBe(10)
    expect(report.unknown + report.notAttempted).toBe(10)
    expect(report.unknown).toBeLessThanOrEqual(3)
    farm.ok('sim clock --pause')
    expect(farm.json<Data[]>('run list')).toMatchObject([{ id: report.run, state: 'interrupted' }])
    expect(farm.json<Report>(`run resume ${report.run}`)).toMatchObject({ total: 10, done: 10 })
    expect(startedSubjects(farm, 'vm.start')).toHaveLength(10)
    agrees(farm)
  })

  it('given again and again ends the command at once, and the run can be resumed, or goes on with the manager that did not hear of it', async () => {
    const farm = moving('figure-6')
    const command = farm.start('vm start --all --parallel 2')
    await command.underWay
    while (command.signal('SIGINT'), await Promise.race([command.ended.then(() => false), new Promise(resolve => setTimeout(() => resolve(true), 5))]));
    const ended = await command.ended
    expect(ended.exit === 130 || ended.signal === 'SIGINT').toBe(true)
    farm.ok('sim clock --pause')
    const [run] = farm.json<Data[]>('run list')
    if (run!['state'] === 'interrupted' || !isRemote) expect(farm.json<Report>(`run resume ${String(run!['id'])}`)).toMatchObject({ total: 4, done: 4 })
    else farm.ok('vm wait --all --for running')
    expect(startedSubjects(farm, 'vm.start')).toEqual(['vm1', 'vm2', 'vm3', 'vm4'])
    agrees(farm)
  })

  it('to one who only follows the run of another, by its request key, is 130 as well, and the run goes on', async () => {
    const farm = moving('figure-6')
    const first = farm.start('vm start vm1 --request-key night -o json')
    await first.underWay
    const second = farm.start('vm start vm1 --request-key night -o json')
    await second.underWay
    second.signal('SIGINT')
    expect((await second.ended).exit).toBe(130)
    expect(farm.run('run list -o json --columns state').stdout).toContain('running')
    farm.ok('sim clock --pause')
    expect((await first.ended).exit).toBe(0)
    expect(farm.json<Data[]>('run list')).toMatchObject([{ state: 'finished', done: 1 }])
  })

  it('leaves others alone: resume and retry of a run under way elsewhere are lease.held', async () => {
    const farm = moving('figure-6')
    const command = farm.start('vm start vm1 vm2')
    await command.underWay
    const [run] = farm.json<Data[]>('run list')
    for (const verb of ['resume', 'retry']) expect(farm.run(`run ${verb} ${String(run!['id'])}`).exit, verb).toBe(9)
    expect(farm.json<Report>(`run show ${String(run!['id'])}`)).toMatchObject({ total: 2, endedAt: null })
    farm.ok('sim clock --pause')
    expect((await command.ended).exit).toBe(0)
  })
})
