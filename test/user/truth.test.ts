import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>

/** The exit code and the report of an acting command. */
function act(farm: Session, words: string): { exit: number | null; report: Report; results: Record<string, string> } {
  const ended = farm.run(`${words} -o json`)
  const report = JSON.parse(ended.stdout) as Report
  return { exit: ended.exit, report, results: Object.fromEntries(report.items.map(item => [item.name, item.error ? `${item.result} ${item.error.code}` : item.result])) }
}

const statesOf = (farm: Session) => Object.fromEntries(farm.json<Data[]>('vm list').map(vm => [vm['name'], vm['state']]))
const eventsOf = (farm: Session, kind: string) => farm.json<Data[]>(`event list --filter kind=${kind}`).map(event => String(event['subject'])).sort()

/** What is recorded is what the servers report; looked at first as it is, for a change would look anew. */
function agrees(farm: Session): void {
  const recorded = statesOf(farm)
  const report = farm.json<Report>('vm reset-status --all')
  expect(report).toMatchObject({ unchanged: report.total })
  expect(Object.fromEntries(report.items.map(item => [item.name, item.state]))).toEqual(recorded)
  expect(farm.json<Data[]>('run list --filter state!=finished')).toEqual([])
}

describe('an answer that is lost', () => {
  it('is read back: what was done is done, once, and nothing is unknown', () => {
    const farm = new Session('figure-7')
    farm.ok('sim fault reply-lost ovs1 --count 2')
    expect(act(farm, 'vm start vm1 vm2 vm3')).toMatchObject({ exit: 0, report: { done: 3 } })
    expect(eventsOf(farm, 'vm.start')).toEqual(['vm1', 'vm2', 'vm3'])
    agrees(farm)
  })

  it('for ever leaves that one guest unknown, exit 7, until it can be read back; nobody asks twice', () => {
    const farm = new Session('figure-7')
    farm.ok('sim fault reply-lost vm2')
    const alone = act(farm, 'vm start vm2')
    expect(alone).toMatchObject({ exit: 7, results: { vm2: 'unknown agent.no-answer' } })
    expect(act(farm, `run retry ${alone.report.run}`)).toMatchObject({ exit: 0, report: { total: 0 } })
    expect(act(farm, 'vm stop vm2 --yes')).toMatchObject({ exit: 9, results: { vm2: 'failed lease.held' } })
    expect(act(farm, 'vm start vm1 vm2 vm3').exit).not.toBe(0)
    farm.ok('sim fault clear')
    expect(farm.json<Report>(`run show ${alone.report.run}`)).toMatchObject({ done: 1, unknown: 0 })
    expect(eventsOf(farm, 'vm.start')).toEqual(['vm1', 'vm2', 'vm3'])
    agrees(farm)
  })
})

describe('an agent that is down', () => {
  it('for a while in the middle of a run is waited for', () => {
    const farm = new Session('figure-9', '--running')
    farm.ok('sim fault agent-down ovs-a2 --at 5s --for 10m')
    expect(act(farm, 'vm reboot --all --yes')).toMatchObject({ exit: 0, report: { done: 12, elapsedSeconds: 605 } })
    agrees(farm)
  })

  it('for good makes what is under way on it unknown, and only that; the record follows when it is back', () => {
    const farm = new Session('figure-9', '--running')
    farm.ok('sim fault agent-down ovs-b2 --at 5s')
    const { exit, report, results } = act(farm, 'vm reboot --all --yes')
    const there = farm.json<Data[]>('vm list --server ovs-b2').map(vm => String(vm['name']))
    expect(there).toHaveLength(3)
    expect([exit, report.done, report.unknown]).toEqual([7, 9, 3])
    for (const name of there) expect(results[name]).toBe('unknown agent.no-answer')
    expect(farm.json('server show ovs-b2')['state']).toBe('unreachable')
    farm.ok('sim fault clear')
    expect(farm.json<Report>(`run show ${report.run}`)).toMatchObject({ done: 12, unknown: 0 })
    expect(eventsOf(farm, 'vm.reboot')).toHaveLength(12)
    agrees(farm)
  })

  it('with all the room on it taken by what is unknown does not keep the next command for ever', () => {
    const farm = new Session()
    farm.ok('sim create --preset grid --pools 1 --servers 3 --guests 10')
    farm.ok('vm start vm01-0009 --on ovs01-03')
    farm.ok('sim fault agent-down ovs01-03 --at 5s')
    expect(act(farm, 'vm start vm01-0001 vm01-0002 vm01-0003 vm01-0004 --on ovs01-03')).toMatchObject({ exit: 7, report: { unknown: 4 } })
    expect(act(farm, 'vm stop vm01-0009')).toMatchObject({ exit: 8, results: { 'vm01-0009': 'not-attempted agent.unreachable' } })
    farm.ok('sim fault clear')
    expect(farm.run('vm stop vm01-0009').exit).toBe(0)
    agrees(farm)
  })

  it('before a run has its guests started elsewhere, and never twice', () => {
    const farm = new Session('figure-7')
    farm.ok('sim fault agent-down ovs2')
    expect(act(farm, 'vm start --all')).toMatchObject({ exit: 0, report: { done: 6 } })
    farm.ok('sim fault clear')
    expect(farm.json<Data[]>('vm list --server ovs1')).toHaveLength(6)
    agrees(farm)
  })
})

describe('an agent that nobody hears when a run begins', () => {
  it('is what the refusal of a start names, with exit 8', () => {
    const farm = new Session('figure-8')
    farm.ok('sim fault agent-down ovs1')
    for (const words of ['vm start vm2', 'vm start vm2 --on ovs2', 'vm start vm2 --dry-run']) {
      const { exit, report } = act(farm, words)
      expect([exit, report.items[0]!.error], words).toEqual([8, expect.objectContaining({ code: 'agent.unreachable', message: expect.stringContaining('ovs1') })])
    }
    expect(farm.run('vm start vm9').exit).toBe(0)
  })
})

describe('a server that loses power', () => {
  it('fails what ran on it, knowing so: nothing is unknown', () => {
    const farm = new Session('figure-7', '--running')
    farm.ok('sim fault server-power-loss ovs2 --at 3s --for 2m')
    const { exit, report, results } = act(farm, 'vm reboot --all --yes')
    expect([exit, report.done, report.failed]).toEqual([6, 3, 3])
    expect(results).toMatchObject({ vm1: 'done', vm2: 'failed server.lost', vm4: 'failed server.lost' })
    expect(statesOf(farm)).toMatchObject({ vm1: 'running', vm2: 'powered-off', vm4: 'powered-off' })
    expect(act(farm, 'vm start vm2 vm4 vm6')).toMatchObject({ exit: 0, report: { done: 3 } })
    agrees(farm)
  })

  it('as the target of migrations leaves the guests where they are', () => {
    const farm = new Session('figure-7', '--running')
    farm.ok('sim fault server-power-loss ovs2 --at 20s')
    expect(act(farm, 'vm migrate vm1 vm3 --to ovs2')).toMatchObject({ exit: 6, results: { vm1: 'failed server.lost', vm3: 'failed server.lost' } })
    expect(farm.json('vm show vm1')).toMatchObject({ state: 'running', server: 'ovs1' })
    agrees(farm)
    expect(act(farm, 'vm migrate vm1 --to ovs2')).toMatchObject({ exit: 5, results: { vm1: 'failed migrate.blocked' } })
  })

  it('as the master hides the others only as long as it is down', () => {
    const farm = new Session('figure-7', '--running')
    farm.ok('sim fault server-power-loss ovs1 --at 20s --for 1m')
    expect(act(farm, 'vm migrate vm1 vm3 --to ovs2')).toMatchObject({ exit: 6, results: { vm1: 'failed server.lost', vm3: 'failed server.lost' } })
    expect(statesOf(farm)).toEqual({ vm1: 'powered-off', vm2: 'running', vm3: 'powered-off', vm4: 'running', vm5: 'powered-off', vm6: 'running' })
    expect(farm.json<Data[]>('server list').map(server => server['state'])).toEqual(['active', 'active'])
    agrees(farm)
  })
})

describe('what befalls guests in the middle of a run', () => {
  it('fails them, each with its reason, and the others are done', () => {
    const farm = new Session('figure-9', '--running')
    for (const fault of ['guest-crash a-vm1 --at 5s', 'copy-fail a-vm2', 'guest-hang b-vm1']) farm.ok(`sim fault ${fault}`)
    const suspended = act(farm, 'vm suspend site-a/* --yes')
    expect(suspended).toMatchObject({ exit: 6, report: { done: 4, failed: 2, unknown: 0 }, results: { 'a-vm1': 'failed vm.crashed', 'a-vm2': 'failed vm.copy-failed' } })
    const stopped = act(farm, 'vm stop --pool site-b --yes')
    expect(stopped).toMatchObject({ exit: 6, report: { done: 5, failed: 1 }, results: { 'b-vm1': 'failed vm.shutdown-timeout' } })
    expect(statesOf(farm)).toMatchObject({ 'a-vm1': 'powered-off', 'a-vm2': 'running', 'a-vm3': 'suspended', 'b-vm1': 'running', 'b-vm2': 'powered-off' })
    farm.ok('sim fault lock-stuck a-vm3')
    expect(act(farm, 'vm resume a-vm3 a-vm4')).toMatchObject({ exit: 6, results: { 'a-vm3': 'failed vm.locked', 'a-vm4': 'done' } })
    farm.ok('sim fault clear')
    expect(act(farm, `run retry ${stopped.report.run}`)).toMatchObject({ exit: 0, report: { total: 1, done: 1 } })
    expect(act(farm, 'vm resume a-vm3')).toMatchObject({ exit: 0, report: { done: 1 } })
    agrees(farm)
  })

  it('gives one target an exit code of its own: 5 when it failed, 7 when the deadline came first, 9 while it is under way', () => {
    const farm = new Session('figure-6', '--running')
    farm.ok('sim fault guest-hang vm1')
    expect(act(farm, 'vm stop vm1 --yes --timeout 5s')).toMatchObject({ exit: 7, results: { vm1: 'unknown run.deadline' } })
    expect(act(farm, 'vm reboot vm1 --yes')).toMatchObject({ exit: 9, results: { vm1: 'failed lease.held' } })
    farm.ok('sim clock --advance 1h')
    expect(farm.json<Data[]>('run list')[0]).toMatchObject({ failed: 1 })
    expect(act(farm, 'vm stop vm1 --yes')).toMatchObject({ exit: 5, results: { vm1: 'failed vm.shutdown-timeout' } })
    expect(act(farm, 'vm stop vm1 --yes --grace 10s --force-after 20s')).toMatchObject({ exit: 0, results: { vm1: 'done' } })
    const table = farm.run('vm stop vm9 --yes')
    expect([table.exit, table.stdout]).toEqual([3, ''])
    agrees(farm)
  })
})

describe('a disk that is full', () => {
  it('is exit 8 with store.full at whatever commit it comes, and nothing that was done is lost', () => {
    const farm = new Session('figure-6')
    for (const commit of [1, 4, 6]) {
      const ended = farm.mishap(`full ${commit}`, 'vm start --all --parallel 2 -o json')
      expect([ended.exit, ended.stdout === '' ? null : JSON.parse(ended.stdout)], `${commit}: ${ended.stderr}`).toMatchObject([8, { error: { code: 'store.full', exit: 8 } }])
    }
    for (const run of farm.json<Data[]>('run list --state interrupted')) expect(farm.run(`run resume ${String(run['id'])}`).exit).toBe(0)
    farm.ok('vm start --all')
    expect(eventsOf(farm, 'vm.start')).toEqual(['vm1', 'vm2', 'vm3', 'vm4'])
    agrees(farm)
  })

  it('only for tidying up after a command does not change what it answers', () => {
    const farm = new Session('figure-6')
    const whole = farm.mishap('full 1000', 'vm start vm1 -o json')
    expect([whole.exit, JSON.parse(whole.stdout)]).toMatchObject([0, { done: 1 }])
  })
})
