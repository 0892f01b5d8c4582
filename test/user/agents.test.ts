import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import type { HealthCheck } from '../../src/contract/farms.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>
const errorOf = (report: Report, at = 0) => report.items[at]!.error!
const agentsOf = (farm: Session) => farm.json<Data[]>('server list --columns name,state,agentState').map(({ name, state, agentState }) => `${String(name)} ${String(state)} ${String(agentState)}`)
const checkOf = (farm: Session, server: string, what: string) => farm.json<HealthCheck[]>(`server check ${server}`).find(row => row.check === `server ${server} ${what}`)
/** A file that holds a password. */
function fileOf(farm: Session, name: string, password: string): string {
  const file = join(farm.home, name)
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  return file
}

describe('agent stop, start and restart', () => {
  const farm = new Session('figure-8', '--running')

  it('a stopped agent leaves its server unreachable, and the guests running', () => {
    expect(farm.json<Report>('agent stop ovs2 --dry-run')).toMatchObject({ wouldDo: 1, items: [{ kind: 'server', state: 'unreachable' }] })
    expect(farm.json<Report>('agent stop ovs2')).toMatchObject({ operation: 'agent.stop', done: 1, items: [{ kind: 'server', name: 'ovs2', state: 'unreachable', seconds: 1 }] })
    expect(agentsOf(farm)).toEqual(['ovs1 active running', 'ovs2 unreachable stopped', 'ovs3 active running'])
    expect(farm.json<Report>('agent stop ovs2')).toMatchObject({ unchanged: 1 })
    expect(errorOf(farm.json<Report>('vm stop vm2'))).toMatchObject({ code: 'agent.unreachable' })
    const check = farm.run('server check ovs2 -o json')
    expect([check.exit, (JSON.parse(check.stdout) as HealthCheck[]).find(row => row.result === 'error')]).toEqual([8, { check: 'server ovs2 agent', result: 'error', message: 'it is stopped: guests run on, and nothing can be changed', hint: 'agent start ovs2' }])
  })

  it('agent start reaches it, though nobody answers there', () => {
    expect(farm.json<Report>('agent start ovs2')).toMatchObject({ done: 1, items: [{ state: 'active', seconds: 3 }] })
    expect(farm.json<Report>('agent start ovs2')).toMatchObject({ unchanged: 1 })
    expect(farm.json<Data[]>('vm list --server ovs2 --state running')).toHaveLength(3)
    expect(checkOf(farm, 'ovs2', 'guests')).toMatchObject({ result: 'ok', message: '3 are there as recorded' })
    expect(farm.json<Data[]>('event list --filter kind~^agent').map(event => event['message'])).toEqual(['agent of server ovs2 stopped', 'agent of server ovs2 started'])
  })

  it("without the agent of its master a pool cannot be reached; once it is back, all is as it was", () => {
    farm.ok('agent stop ovs1')
    expect(errorOf(farm.json<Report>('vm stop vm2'))).toMatchObject({ code: 'agent.unreachable' })
    expect(agentsOf(farm)).toEqual(['ovs1 unreachable stopped', 'ovs2 unreachable unreachable', 'ovs3 active running'])
    farm.ok('agent start ovs1')
    expect(agentsOf(farm)).toEqual(['ovs1 active running', 'ovs2 active running', 'ovs3 active running'])
    expect(farm.json<Data[]>('vm list --state running')).toHaveLength(10)
  })

  it('keeps the maintenance of a server', () => {
    farm.ok('server maintenance on ovs2')
    farm.ok('agent restart ovs2')
    expect(agentsOf(farm)[1]).toBe('ovs2 maintenance running')
    farm.ok('agent stop ovs2')
    farm.ok('agent start ovs2')
    expect(agentsOf(farm)[1]).toBe('ovs2 maintenance running')
    farm.ok('server maintenance off ovs2')
  })

  it('restart mends an agent that does not answer, start and stop say what to do', () => {
    farm.ok('sim fault agent-down ovs3')
    expect(errorOf(farm.json<Report>('vm stop vm7'))).toMatchObject({ code: 'agent.unreachable' })
    expect(agentsOf(farm)[2]).toBe('ovs3 unreachable unreachable')
    expect(errorOf(farm.json<Report>('agent start ovs3'))).toMatchObject({ code: 'agent.refused', hint: 'where it does not answer, agent restart' })
    expect(checkOf(farm, 'ovs3', 'agent')).toMatchObject({ result: 'error', hint: 'agent restart ovs3' })
    expect(farm.json<Report>('agent restart ovs3')).toMatchObject({ done: 1, items: [{ state: 'active', seconds: 4 }] })
    expect(agentsOf(farm)[2]).toBe('ovs3 active running')
  })

  it('is refused on a server that is off, whose agent comes up with it', () => {
    farm.ok('server stop ovs3 --force --yes')
    expect(farm.json('agent show ovs3')).toEqual({ server: 'ovs3', pool: 'pool2', address: '10.2.0.1', port: 8899, version: '2.3', state: 'stopped', serverState: 'off', roles: ['master', 'utility', 'vm'] })
    for (const verb of ['start', 'stop', 'restart']) expect(errorOf(farm.json<Report>(`agent ${verb} ovs3`)), verb).toMatchObject({ code: 'server.state', hint: 'server start ovs3: its agent comes up with it' })
    farm.ok('server start ovs3')
    expect(farm.json('agent show ovs3')['state']).toBe('running')
  })

  it('one after the other, as every run', () => {
    const { items } = farm.json<Report>('agent restart --all --parallel 1')
    expect(items.map(item => [item.name, item.result, item.startedAt])).toEqual(items.map((item, at) => [item.name, 'done', new Date(Date.parse(items[0]!.startedAt!) + at * 4_000).toISOString().replace('.000', '')]))
  })

  it('tells what an agent was told, also while it is down, to those who manage its pool', () => {
    farm.ok('agent stop ovs2')
    const lines = farm.ok('agent log ovs2 --lines 4').trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    for (const line of lines) expect(line).toMatch(/^"2010-07-28 \d\d:\d\d:\d\d" (INFO|ERROR)=> agent_(restart|stop): srv\('ovs2'\) job-[0-9a-f]+( => success)?$/)
    expect(lines[3]).toContain('=> success')
    expect(farm.json<{ lines: string[] }>('agent log ovs1 --lines 1000').lines.filter(line => line.includes("xen_migrate_vm: vm('/OVS/running_pool/vm2', 'ovs1')"))).toEqual([])
    expect(farm.json<{ lines: string[] }>('agent log ovs2 --lines 1000').lines.filter(line => line.includes("xen_migrate_vm: vm('/OVS/running_pool/vm2', 'ovs1')"))).toHaveLength(2)
    expect(farm.run('--user alice agent log ovs2').exit).toBe(4)
    expect(farm.run('agent log ovs2 ovs1').exit).toBe(2)
    expect(farm.run('agent log ovs7').exit).toBe(3)
  })
})

describe('agent configure', () => {
  const farm = new Session('figure-7')
  const first = fileOf(farm, 'first', 'correct-horse-1')
  const second = fileOf(farm, 'second', 'correct-horse-2')

  it('sets it on both sides', () => {
    expect(checkOf(farm, 'ovs1', 'password')).toMatchObject({ result: 'warning', message: 'the agent wants none' })
    expect(farm.json<Report>(`agent configure --all --password-file ${first} --dry-run`)).toMatchObject({ wouldDo: 2 })
    expect(checkOf(farm, 'ovs1', 'password')).toMatchObject({ message: 'the agent wants none' })
    expect(farm.json<Report>(`agent configure --all --password-file ${first}`)).toMatchObject({ operation: 'agent.configure', done: 2 })
    expect(farm.json<Report>(`agent configure --all --password-file ${first}`)).toMatchObject({ unchanged: 2 })
    expect(checkOf(farm, 'ovs2', 'password')).toMatchObject({ result: 'ok' })
    expect(farm.json<Report>(`agent configure ovs2 --password-file ${second}`)).toMatchObject({ done: 1 })
    expect(checkOf(farm, 'ovs2', 'password')).toMatchObject({ result: 'ok' })
  })

  it('is on neither side where the agent cannot be told', () => {
    farm.ok('agent stop ovs2')
    expect(errorOf(farm.json<Report>(`agent configure ovs2 --password-file ${first}`))).toMatchObject({ code: 'agent.unreachable' })
    farm.ok('agent start ovs2')
    expect(checkOf(farm, 'ovs2', 'password')).toMatchObject({ result: 'ok' })
    // The manager still comes with the second: with that one it can be changed.
    expect(farm.json<Report>(`agent configure ovs2 --password-file ${second}`)).toMatchObject({ unchanged: 1 })
  })

  it('is refused to who comes with another than the agent has', () => {
    const refused = farm.run(`agent configure ovs2 --password-file ${first} --old-password-file ${first} -o json`)
    expect([refused.exit, errorOf(JSON.parse(refused.stdout) as Report)]).toEqual([5, { code: 'agent.password', message: 'the agent of server ovs2 does not take the password that it was given for its own', hint: '--old-password-file FILE gives the one that it has', details: null }])
    expect(checkOf(farm, 'ovs2', 'password')).toMatchObject({ result: 'ok' })
    expect(farm.json<Report>(`agent configure ovs2 --password-file ${first} --old-password-file ${second}`)).toMatchObject({ done: 1 })
  })

  it('wants ten characters, and is for whoever manages the pool', () => {
    const short = farm.run(`agent configure ovs2 --password-file ${fileOf(farm, 'short', 'tiny-word')}`)
    expect([short.exit, short.stderr]).toEqual([2, expect.stringContaining('10 characters or more')])
    expect(short.stderr).not.toContain('tiny-word')
    expect(farm.run('agent configure ovs2').exit).toBe(2)
    expect(farm.run(`--user alice agent configure ovs2 --password-file ${first}`).exit).toBe(4)
  })

  it('is in nothing that is shown, and runs cannot be taken up with it or taken back', () => {
    const { run } = farm.json<Report>(`agent configure ovs1 --password-file ${second}`)
    const shown = ['run list', `run show ${run!}`, 'job list', 'event list', 'server show ovs1', 'agent show ovs1', 'agent log ovs1'].map(words => farm.ok(`${words} -o json`)).join('')
    expect(shown).not.toContain('correct-horse')
    expect(farm.run(`run undo ${run!} --yes`)).toMatchObject({ exit: 5, stderr: expect.stringContaining('undo.impossible') })
    // Neither does the world keep it as it is written.
    expect(readFileSync(join(farm.home, 'ovm', 'farms', 'figure-7', 'world.db'), 'latin1')).not.toContain('correct-horse')
  })
})
