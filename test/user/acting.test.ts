import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'

type Vm = Record<string, unknown>
const reportKeys = ['run', 'operation', 'farm', 'user', 'total', 'done', 'unchanged', 'failed', 'unknown', 'notAttempted', 'accepted', 'wouldDo', 'wouldFail', 'startedAt', 'endedAt', 'elapsedSeconds', 'items']
const itemKeys = ['kind', 'id', 'name', 'pool', 'result', 'state', 'job', 'startedAt', 'seconds', 'error']

describe('acting on guests', () => {
  it('starts a pool, reports every target with every key, and finds them running afterwards', () => {
    const farm = new Session('figure-8')
    const report = farm.json<Report>('vm start --pool pool1')
    expect(Object.keys(report)).toEqual(reportKeys)
    for (const item of report.items) expect(Object.keys(item)).toEqual(itemKeys)
    expect(report).toMatchObject({ operation: 'vm.start', farm: 'figure-8', user: 'admin', total: 6, done: 6, elapsedSeconds: 30 })
    expect(report.items.map(item => item.name)).toEqual(['vm1', 'vm2', 'vm3', 'vm4', 'vm5', 'vm6'])
    const running = farm.json<Vm[]>('vm list --state running')
    expect(running).toHaveLength(6)
    for (const vm of running) expect(vm).toMatchObject({ startedAt: '2010-07-28T00:00:00Z', domainId: expect.any(Number), vncPort: expect.any(Number) })
    expect(farm.json('farm status')).toMatchObject({ vms: { total: 10, running: 6 }, memoryFreeMiB: 3 * (65_536 - 1_024) - 6 * 4_096, channels: 2 })
  })

  it('takes what is already so as unchanged, without a job, and as failed with --strict', () => {
    const farm = new Session('figure-6', '--running')
    expect(farm.json<Report>('vm start vm1').items[0]).toMatchObject({ result: 'unchanged', job: null, error: null })
    expect(farm.run('vm start vm1').exit).toBe(0)
    const strict = farm.run('vm start vm1 --strict -o json')
    expect(strict.exit).toBe(5)
    expect((JSON.parse(strict.stdout) as Report).items[0]!.error!.code).toBe('vm.unchanged')
  })

  it('walks a guest through all its states', () => {
    const farm = new Session('figure-7')
    const state = () => farm.json('vm show vm3')['state']
    for (const [verb, after] of [['start', 'running'], ['pause', 'paused'], ['unpause', 'running'], ['suspend', 'suspended'], ['resume', 'running'], ['reboot', 'running'], ['stop', 'powered-off']]) {
      farm.ok(`vm ${verb} vm3`)
      expect(state(), `after ${verb}`).toBe(after)
    }
    expect(farm.json('vm show vm3')).toMatchObject({ server: null, domainId: null, vncPort: null, startedAt: null })
  })

  it('refuses what the state forbids, naming both, with exit 5', () => {
    const farm = new Session('figure-7')
    const refused = farm.run('vm pause vm2 -o json')
    expect(refused.exit).toBe(5)
    const { error, state } = (JSON.parse(refused.stdout) as Report).items[0]!
    expect(state).toBe('powered-off')
    expect(error).toMatchObject({ code: 'vm.state', message: expect.stringMatching(/vm2.*powered-off.*pause/), hint: expect.stringContaining('start') })
    expect(refused.stderr).toContain('vm.state')
  })

  it('reports part of a bulk operation as failed with exit 6, and does the rest', () => {
    const farm = new Session('figure-8')
    farm.ok('vm start vm1 vm2')
    const ended = farm.run('vm pause vm1 vm2 vm7 -o json')
    expect(ended.exit).toBe(6)
    expect(JSON.parse(ended.stdout)).toMatchObject({ total: 3, done: 2, failed: 1 })
  })

  it('migrates within a shared pool, and says how long by bytes over bandwidth', () => {
    const farm = new Session('figure-7', '--running')
    const from = farm.json('vm show vm1')['server']
    const to = from === 'ovs1' ? 'ovs2' : 'ovs1'
    const report = farm.json<Report>(`vm migrate vm1 --to ${to}`)
    expect(report.items[0]).toMatchObject({ result: 'done', state: 'running' })
    expect(report.elapsedSeconds).toBeCloseTo((4_096 * 1_048_576) / 100e6, 1)
    expect(farm.json('vm show vm1')['server']).toBe(to)
    expect(farm.json<Report>(`vm migrate vm1 --to ${to}`).items[0]!.result).toBe('unchanged')
  })

  it('lists all blockers of a migration together', () => {
    const farm = new Session('figure-8')
    const ended = farm.run('vm migrate vm7 --to ovs1 -o json')
    expect(ended.exit).toBe(5)
    const { error } = (JSON.parse(ended.stdout) as Report).items[0]!
    expect(error!.code).toBe('migrate.blocked')
    const { blockers } = error!.details as { blockers: { rule: string; message: string; fix: string }[] }
    expect(blockers.map(blocker => blocker.rule)).toEqual(['state', 'pool', 'shared-repository'])
    for (const blocker of blockers) expect(blocker.fix).not.toBe('')
    expect(farm.run('vm migrate vm7 --to nowhere').exit).toBe(3)
    expect(farm.run('vm migrate vm7').exit).toBe(2)
  })

  it('keeps the limits of the farm: four starts a server, two migrations a server', () => {
    const farm = new Session('grid', '--pools', '1', '--servers', '2', '--guests', '20')
    expect(farm.json<Report>('vm start --all').elapsedSeconds).toBe(90)
    const moved = farm.json<Report>('vm migrate --server ovs01-01 --to ovs01-02')
    const each = (1_024 * 1_048_576) / 100e6
    expect(moved.elapsedSeconds).toBeCloseTo(each * 10, 0)
    const stopped = farm.json<Report>('vm stop --all --yes --parallel 1')
    expect(stopped.elapsedSeconds).toBe(200)
  })

  it('refuses a guest for which no server has room, and starts the rest', () => {
    const farm = new Session('grid', '--pools', '1', '--servers', '1', '--guests', '70')
    const ended = farm.run('vm start --all -o json')
    expect(ended.exit).toBe(6)
    const report = JSON.parse(ended.stdout) as Report
    expect(report).toMatchObject({ done: 63, failed: 7 })
    expect(report.items.at(-1)!.error!.code).toBe('capacity.memory')
  })

  it('lets a graceful stop that is too short leave the guest running, unless it may be forced', () => {
    const farm = new Session('figure-6', '--running')
    const ended = farm.run('vm stop vm1 --grace 4s -o json')
    expect(ended.exit).toBe(5)
    expect((JSON.parse(ended.stdout) as Report).items[0]).toMatchObject({ state: 'running', error: { code: 'vm.shutdown-timeout' } })
    expect(farm.json<Report>('vm stop vm1 --force-after 4s')).toMatchObject({ done: 1, elapsedSeconds: 5 })
    farm.ok('vm suspend vm2')
    expect(farm.json<Report>('vm poweroff vm2')).toMatchObject({ done: 1, elapsedSeconds: 1 })
    expect(farm.json('vm show vm2')['state']).toBe('powered-off')
  })

  it('ends at the deadline with 7 and unknown, and records the outcome when it comes', () => {
    const farm = new Session('figure-6')
    const ended = farm.run('vm start vm1 --timeout 12s -o json')
    expect(ended.exit).toBe(7)
    const report = JSON.parse(ended.stdout) as Report
    expect(report.items[0]).toMatchObject({ result: 'unknown', error: { code: 'run.deadline' } })
    farm.ok('sim clock --advance 1m')
    expect(farm.json('vm show vm1')['state']).toBe('running')
    expect(farm.json<Report>(`run show ${report.run}`).items[0]!.result).toBe('done')
  })

  it('hands over with --no-wait; the work goes on when the clock moves', () => {
    const farm = new Session('grid', '--pools', '1', '--servers', '1', '--guests', '6')
    const report = farm.json<Report>('vm start --all --no-wait')
    expect(report).toMatchObject({ total: 6, accepted: 6 })
    for (const item of report.items) expect(item.job).toMatch(/^job-/)
    expect(farm.json<Report>('vm wait --all --for running')).toMatchObject({ done: 6, elapsedSeconds: 60 })
  })

  it('waits for a state, and not for ever', () => {
    const farm = new Session('figure-6')
    expect(farm.run('vm wait vm1 --for running').exit).toBe(7)
    expect(farm.run('vm wait vm1 --for stopped').exit).toBe(0)
    expect(farm.run('vm wait vm1 vm2 --for running --timeout 30s').exit).toBe(7)
  })

  it('changes nothing in a dry run, and counts capacity as the run would', () => {
    const farm = new Session('grid', '--pools', '1', '--servers', '1', '--guests', '65')
    const before = farm.ok('vm list -o json')
    const dry = farm.run('vm start --all --dry-run -o json')
    expect(dry.exit).toBe(6)
    expect(JSON.parse(dry.stdout)).toMatchObject({ wouldDo: 63, wouldFail: 2, done: 0 })
    expect(farm.ok('vm list -o json')).toBe(before)
    expect(farm.json('run list')).toEqual([])
  })

  it('returns the first report for a repeated request key', () => {
    const farm = new Session('figure-6')
    const first = farm.json<Report>('vm start vm1 --request-key nightly')
    farm.ok('vm stop vm1')
    const again = farm.json<Report>('vm start vm1 --request-key nightly')
    expect(again.run).toBe(first.run)
    expect(farm.json('vm show vm1')['state']).toBe('powered-off')
  })

  it('sets records to what the servers report', () => {
    const farm = new Session('figure-6', '--running')
    expect(farm.json<Report>('vm reset-status --all')).toMatchObject({ total: 4, unchanged: 4 })
    expect(farm.run('vm reset-status vm1 --strict').exit).toBe(5)
  })
})
