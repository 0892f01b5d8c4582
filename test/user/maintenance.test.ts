import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>
const stateOf = (farm: Session, server: string) => farm.json(`server show ${server} --columns state,maintenance,vmCount`)
const guestsOn = (farm: Session, server: string) => farm.ok(`vm list --server ${server} -o name`).split('\n').filter(name => name !== '')
const errorOf = (report: Report, at = 0) => report.items[at]!.error!

describe('server maintenance', () => {
  const pool = new Session('figure-7', '--running')

  it('moves the guests away, then marks; a dry run says so and changes nothing', () => {
    const planned = pool.json<Report>('server maintenance on ovs2 --dry-run')
    expect(planned).toMatchObject({ operation: 'server.maintenance-on', wouldDo: 1, items: [{ result: 'would-do', state: 'maintenance' }] })
    expect(stateOf(pool, 'ovs2')).toEqual({ state: 'active', maintenance: false, vmCount: 3 })
    const report = pool.json<Report>('server maintenance on ovs2 --reason disks')
    expect(report).toMatchObject({ done: 1, items: [{ result: 'done', state: 'maintenance', error: null }] })
    // The item began with the first of its guests.
    expect(report.items[0]!.seconds).toBe(report.elapsedSeconds)
    expect(stateOf(pool, 'ovs2')).toEqual({ state: 'maintenance', maintenance: true, vmCount: 0 })
    expect(guestsOn(pool, 'ovs1')).toHaveLength(6)
    expect(pool.json<Data[]>('event list --filter kind=server.maintenance-on')).toMatchObject([{ severity: 'info', subject: 'ovs2', message: 'server ovs2 put into maintenance' }])
  })

  it('takes no guests there, asked or not', () => {
    const stopped = pool.json<Report>('vm stop vm1 --force')
    expect(stopped.done).toBe(1)
    expect(errorOf(pool.json<Report>('vm start vm1 --on ovs2'))).toMatchObject({ code: 'capacity.server', message: expect.stringContaining('server ovs2 is maintenance') })
    expect(errorOf(pool.json<Report>('vm migrate vm2 --to ovs2'))).toMatchObject({ code: 'migrate.blocked', hint: 'server maintenance off ovs2' })
    pool.ok('vm start vm1')
    expect(guestsOn(pool, 'ovs2')).toEqual([])
  })

  it('is unchanged when it is so, and a failure with --strict', () => {
    expect(pool.json<Report>('server maintenance on ovs2')).toMatchObject({ unchanged: 1, items: [{ state: 'maintenance', job: null }] })
    expect(pool.json<Report>('server maintenance off ovs1')).toMatchObject({ unchanged: 1, items: [{ state: 'active' }] })
    const strict = pool.run('server maintenance on ovs2 --strict -o json')
    expect([strict.exit, errorOf(JSON.parse(strict.stdout) as Report)]).toEqual([5, { code: 'server.unchanged', message: 'server ovs2 is in maintenance already', hint: 'leave out --strict to take that as success', details: null }])
  })

  it('refuses with every blocker, and nothing is moved', () => {
    const ended = pool.run('server maintenance on ovs1 -o json')
    const error = errorOf(JSON.parse(ended.stdout) as Report)
    expect(ended.exit).toBe(5)
    expect(error).toMatchObject({ code: 'server.evacuation', hint: 'server maintenance off ovs2', details: { blockers: [{ rule: 'server-state', message: 'server ovs2 is maintenance', fix: 'server maintenance off ovs2' }] } })
    expect((error.details as { guests: Data[] }).guests).toHaveLength(6)
    expect(stateOf(pool, 'ovs1')).toEqual({ state: 'active', maintenance: false, vmCount: 6 })
    expect(pool.json<Data[]>('run list').filter(run => run['operation'] === 'vm.migrate')).toHaveLength(2)
  })

  it('stays through a restart and through power off, and is taken back only by maintenance off', () => {
    pool.ok('server restart ovs2 --yes')
    expect(stateOf(pool, 'ovs2')).toMatchObject({ state: 'maintenance' })
    pool.ok('server stop ovs2 --yes')
    expect(stateOf(pool, 'ovs2')).toMatchObject({ state: 'off', maintenance: true })
    expect(pool.json<Report>('server maintenance on ovs2')).toMatchObject({ unchanged: 1 })
    expect(pool.json<Report>('server maintenance off ovs2')).toMatchObject({ done: 1, items: [{ state: 'off' }] })
    pool.ok('server maintenance on ovs2')
    pool.ok('server start ovs2')
    expect(stateOf(pool, 'ovs2')).toMatchObject({ state: 'maintenance' })
    const { run } = pool.json<Report>('server maintenance off ovs2')
    expect(stateOf(pool, 'ovs2')).toMatchObject({ state: 'active', maintenance: false })
    expect(pool.json<Report>(`run undo ${run!} --yes`)).toMatchObject({ operation: 'server.maintenance-on', done: 1 })
    pool.ok('server maintenance off ovs2')
  })

  it('is for whoever manages the pool', () => {
    expect(pool.run('--user alice server maintenance on ovs2')).toMatchObject({ exit: 4, stderr: expect.stringContaining('may not use server maintenance on') })
    expect(pool.run('--user operator server maintenance on ovs2 --dry-run').exit).toBe(0)
  })

  it('names what keeps guests of a local pool and paused ones there', () => {
    const lonely = new Session('figure-6', '--running')
    lonely.ok('vm pause vm1')
    const error = errorOf(lonely.json<Report>('server maintenance on ovs1'))
    expect(error.code).toBe('server.evacuation')
    expect((error.details as { blockers: { rule: string; fix: string }[] }).blockers.map(({ rule, fix }) => [rule, fix])).toEqual([['state', 'vm unpause vm1'], ['shared-repository', 'move pool pool1 to a shared repository'], ['no-other-server', 'pool add-server pool1']])
    expect(stateOf(lonely, 'ovs1')).toMatchObject({ state: 'active', vmCount: 4 })
  })
})

describe('servers emptied in one run', () => {
  it('are not emptied onto each other: guests go to servers that stay, where these have room', () => {
    const grid = new Session('grid', '--pools', '1', '--servers', '4', '--guests', '24', '--running')
    expect(grid.json<Report>('server maintenance on ovs01-01 ovs01-02 --parallel 1')).toMatchObject({ done: 2 })
    expect([guestsOn(grid, 'ovs01-03').length, guestsOn(grid, 'ovs01-04').length]).toEqual([12, 12])
    // None was moved twice.
    const moves = grid.json<Data[]>('job list --filter operation=vm.migrate').map(job => job['subject'])
    expect([moves.length, new Set(moves).size]).toEqual([12, 12])
  })

  it('wait for one another where there is no other place: what can be done is done, in the order of the targets', () => {
    const pool = new Session('figure-7', '--running')
    const restarted = pool.json<Report>('server restart --pool pool1 --evacuate --yes')
    expect(restarted).toMatchObject({ done: 2, failed: 0 })
    expect(pool.json<Data[]>('vm list --state running')).toHaveLength(6)
    const report = pool.json<Report>('server maintenance on --pool pool1')
    expect(report.items.map(item => [item.name, item.result, item.error?.code ?? null])).toEqual([['ovs1', 'done', null], ['ovs2', 'failed', 'server.evacuation']])
    expect(guestsOn(pool, 'ovs2')).toHaveLength(6)
  })

  it('one that is empty waits for the guests that have to go there', () => {
    const pool = new Session('figure-7', '--running')
    pool.ok('vm migrate --server ovs2 --to ovs1')
    expect(pool.json<Report>('server maintenance on ovs1 ovs2').items.map(item => [item.name, item.result])).toEqual([['ovs1', 'done'], ['ovs2', 'failed']])
  })
})

describe('a server maintenance that is killed', () => {
  it.each(['after:4', 'after:6', 'before:9'] as const)('at a commit (%s) leaves a server that takes guests; resume empties and marks it', boundary => {
    const pool = new Session('figure-7', '--running')
    const ended = pool.mishap(`kill ${boundary}`, 'server maintenance on ovs2')
    expect(ended.killed, ended.stdout).toBe(true)
    const runs = pool.json<Data[]>('run list --filter operation=server.maintenance-on')
    expect(runs).toMatchObject([{ state: 'interrupted' }])
    expect(stateOf(pool, 'ovs2')).toMatchObject({ state: 'active', maintenance: false })
    expect(pool.json<Report>(`run resume ${String(runs[0]!['id'])}`)).toMatchObject({ done: 1 })
    expect(stateOf(pool, 'ovs2')).toEqual({ state: 'maintenance', maintenance: true, vmCount: 0 })
    expect(pool.json<Data[]>('vm list --state running')).toHaveLength(6)
    expect(pool.json<Data[]>('run list --filter state!=finished')).toEqual([])
  })
})
