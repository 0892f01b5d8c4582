import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session, type Ended } from '../session.js'

const reportOf = (ended: Ended) => JSON.parse(ended.stdout) as Report
const results = (report: Report) => report.items.map(item => `${item.name} ${item.result}`)
/** Seconds from the start of a run at which each item began. */
const begins = (report: Report) => report.items.map(item => (item.startedAt === null ? null : (Date.parse(item.startedAt) - Date.parse(report.startedAt)) / 1_000))
const errors = (report: Report) => report.items.map(item => item.error?.code ?? null)
const sum = (report: Report) => report.done + report.unchanged + report.failed + report.unknown + report.notAttempted + report.accepted + report.wouldDo + report.wouldFail

describe('how much is done at once', () => {
  const farm = new Session('grid', '--pools', '1', '--servers', '2', '--guests', '11')

  it('begins no more than --parallel over all servers, and without it four a server', () => {
    const limited = reportOf(farm.run('vm start --all --parallel 3 -o json'))
    expect(begins(limited)).toEqual([0, 0, 0, 30, 30, 30, 60, 60, 60, 90, 90])
    const stopped = reportOf(farm.run('vm stop --all -y -o json'))
    expect(begins(stopped).filter(second => second === 0)).toHaveLength(8)
    expect(stopped).toMatchObject({ total: 11, done: 11, elapsedSeconds: 20 })
    expect(reportOf(farm.run('vm start --all --parallel 999999 -o json'))).toMatchObject({ done: 11, elapsedSeconds: 60 })
  })

  it('migrates two a server at once, and one with --parallel 1', () => {
    farm.ok('vm start --all')
    const two = reportOf(farm.run('vm migrate --server ovs01-02 --to ovs01-01 -o json'))
    expect(begins(two).filter(second => second === 0)).toHaveLength(2)
    const [first, second] = begins(reportOf(farm.run('vm migrate vm01-0001 vm01-0002 --to ovs01-02 --parallel 1 -o json')))
    expect(first).toBe(0)
    expect(second).toBeGreaterThan(10)
  })

  it('goes by the values of a tag, one after the other, those without it last', () => {
    farm.ok('vm stop --all --yes')
    farm.ok('vm update', 'vm01-0010', 'vm01-0002', '--tag', 'tier=2-web')
    farm.ok('vm update vm01-0001 --tag tier=10-app')
    expect(begins(farm.json<Report>('vm start vm01-0001 vm01-0002 vm01-0003 vm01-0010 --order tag:tier'))).toEqual([30, 0, 60, 0])
    // A key may be called what every object has.
    expect(farm.json<Report>('vm update vm01-0001 --tag constructor=x')).toMatchObject({ done: 1 })
    expect(farm.ok('vm list -o name --filter tags.constructor=x')).toBe('vm01-0001\n')
    expect(farm.run('vm start --all --order tier').exit).toBe(2)
  })

  it('tells a dry run of more than fits how much would fail, server by server', () => {
    const full = new Session('grid', '--pools', '1', '--servers', '2', '--guests', '128')
    const dry = full.run('vm start --all --dry-run -o json')
    expect(dry.exit).toBe(6)
    expect(reportOf(dry)).toMatchObject({ run: null, total: 128, wouldDo: 126, wouldFail: 2 })
    expect(errors(reportOf(dry)).slice(-3)).toEqual([null, 'capacity.memory', 'capacity.memory'])
    const on = reportOf(full.run('vm start --all --on ovs01-02 --dry-run -o json'))
    expect(on).toMatchObject({ wouldDo: 63, wouldFail: 65 })
    expect(full.run('vm start vm01-0128 --dry-run --on ovs01-02 -o json').exit).toBe(0)
    expect(full.json<unknown[]>('run list')).toEqual([])
  })
})

describe('what a failure does to the rest', () => {
  const farm = new Session('figure-9', '--running')
  const hang = (vm: string) => farm.ok(`sim fault guest-hang ${vm}`)
  const stop = (words: string) => farm.run(`vm stop --all --yes --parallel 2 --grace 20s -o json ${words}`)

  it('ends the run with --on-error stop, and has everything accounted for', () => {
    hang('a-vm2')
    hang('a-vm5')
    const ended = stop('--on-error stop')
    expect(ended.exit).toBe(6)
    const report = reportOf(ended)
    // One of two hangs for 20 s; meanwhile the other slot goes on.
    expect(results(report).slice(0, 4)).toEqual(['a-vm1 done', 'a-vm2 failed', 'a-vm3 done', 'a-vm4 not-attempted'])
    expect(errors(report).slice(3)).toEqual(Array.from({ length: 9 }, () => 'run.stopped'))
    expect(sum(report)).toBe(report.total)
    expect(report.items[4]).toMatchObject({ startedAt: null, seconds: null, state: 'running' })
  })

  it('bears as many failures as --max-failures says: a number, or a share rounded down', () => {
    farm.ok('vm start --all -q')
    expect(reportOf(stop('--max-failures 1 --dry-run'))).toMatchObject({ wouldDo: 12 })
    // 16 % of 12 are one: the second failure, at a-vm5, is one too many.
    const share = reportOf(stop('--max-failures 16%'))
    expect(results(share).slice(0, 6)).toEqual(['a-vm1 done', 'a-vm2 failed', 'a-vm3 done', 'a-vm4 done', 'a-vm5 failed', 'a-vm6 done'])
    expect(share).toMatchObject({ failed: 2, total: 12 })
    expect(share.notAttempted).toBeGreaterThan(3)
    expect(reportOf(stop('--max-failures 2'))).toMatchObject({ failed: 2, notAttempted: 0 })
    for (const bad of ['-1', '101%']) expect(stop(`--max-failures ${bad}`).exit, bad).toBe(2)
  })

  it('begins the rest only when all of the canary succeeded, and counts what is so already as success', () => {
    farm.ok('vm start --all -q')
    const bad = reportOf(stop('--canary 2'))
    expect(results(bad).slice(0, 3)).toEqual(['a-vm1 done', 'a-vm2 failed', 'a-vm3 not-attempted'])
    expect(new Set(errors(bad).slice(2))).toEqual(new Set(['run.canary']))
    const good = farm.json<Report>('vm stop a-vm1 b-vm1 b-vm2 --canary 2 --yes')
    expect(begins(good)).toEqual([0, 0, 10])
    expect(results(good)).toEqual(['a-vm1 unchanged', 'b-vm1 done', 'b-vm2 done'])
  })

  it('gives one target its own code and several the worst of all', () => {
    expect(farm.run('vm stop a-vm2 --grace 1s').exit).toBe(5)
    expect(farm.run('vm stop a-vm2 b-vm1 --grace 1s --yes').exit).toBe(6)
    expect(farm.run('vm stop a-vm2 b-vm3 --yes --timeout 2s').exit).toBe(7)
    expect(farm.run('vm stop b-vm1 b-vm2 --yes').exit).toBe(0)
    expect(farm.run('vm stop b-vm1 --strict -o name')).toMatchObject({ exit: 5, stdout: '', stderr: expect.stringContaining('vm.unchanged') })
    expect(farm.run('vm start a-vm1 b-vm4 --strict -q -o name')).toMatchObject({ exit: 6, stdout: 'a-vm1\n' })
  })
})

describe('time', () => {
  const farm = new Session('figure-8')

  it('has one deadline for the whole command', () => {
    const ended = farm.run('--timeout 45s vm start --pool pool2 --parallel 1 -o json')
    expect(ended.exit).toBe(7)
    expect(results(reportOf(ended))).toEqual(['vm7 done', 'vm8 unknown', 'vm9 not-attempted', 'vm10 not-attempted'])
    expect(reportOf(ended)).toMatchObject({ elapsedSeconds: 45, unknown: 1, notAttempted: 2 })
    expect(farm.run('vm start vm8').exit).toBe(0) // joins what goes on
    for (const bad of ['-5s', '5 parsecs']) expect(farm.run('vm start vm9', '--timeout', bad).exit, bad).toBe(2)
  })

  it('begins nothing that would not end before --finish-by', () => {
    const report = farm.json<Report>('vm start --pool pool1 --parallel 2 --finish-by +70s')
    expect(results(report).slice(3)).toEqual(['vm4 done', 'vm5 not-attempted', 'vm6 not-attempted'])
    expect(errors(report).slice(4)).toEqual(['run.deadline', 'run.deadline'])
    expect(farm.run('vm start vm5 --finish-by +29s').exit).toBe(7)
    const dry = farm.run('vm start vm5 --finish-by 2010-07-28 --dry-run -o json')
    expect([dry.exit, reportOf(dry).items[0]!.error]).toEqual([7, expect.objectContaining({ code: 'run.deadline', hint: null })]) // no run, so nothing to retry
    expect(farm.run('vm start vm4 --finish-by 2009-01-01T00:00:00+02:00').exit).toBe(0) // already so
    expect(farm.run('vm start vm5 --finish-by +30s -o name').stdout).toBe('vm5\n')
    for (const bad of ['5m', '2010-02-30']) expect(farm.run(`vm start vm6 --finish-by ${bad}`).exit, bad).toBe(2)
  })

  it('gives a server back that was emptied too late to be stopped before --finish-by', () => {
    const report = farm.json<Report>('server stop ovs2 --yes --evacuate --finish-by +70s')
    expect(results(report)).toEqual(['ovs2 not-attempted'])
    expect(farm.json<Record<string, unknown>>('server show ovs2')).toMatchObject({ state: 'active', maintenance: false })
  })

  it('stops no server that a handed-over run has not emptied by its deadline', () => {
    const pool = new Session('figure-7', '--running')
    const { run } = pool.json<Report>('server stop ovs2 --evacuate --yes --no-wait --timeout 10s')
    pool.ok('sim clock --advance 10m')
    expect(pool.json<Report>(`run show ${run!}`)).toMatchObject({ notAttempted: 1, items: [{ error: { code: 'run.deadline' } }] })
    expect(pool.json<Record<string, unknown>>('server show ovs2')['state']).toBe('active')
  })

  it('moves no more guests at once than --parallel says, however many servers are emptied', () => {
    const grid = new Session('grid', '--pools', '2', '--servers', '3', '--guests', '12', '--running')
    expect(grid.run('server stop ovs01-03 ovs02-03 --evacuate --yes --parallel 2').exit).toBe(0)
    const moves = grid.json<{ startedAt: string; endedAt: string }[]>('job list --filter operation=vm.migrate')
    expect(moves).toHaveLength(8)
    for (const { startedAt } of moves) expect(moves.filter(move => move.startedAt <= startedAt && startedAt < move.endedAt).length).toBeLessThanOrEqual(2)
  })

  it('restarts one server after the other with --parallel 1: the second is emptied once the first is up again', () => {
    const pool = new Session('figure-7', '--running')
    const flags = '--pool pool1 --evacuate --parallel 1 --yes'
    const planned = pool.json<Report>(`server restart ${flags} --dry-run`)
    const report = pool.json<Report>(`server restart ${flags}`)
    expect([planned.wouldDo, report.done, report.elapsedSeconds]).toEqual([2, 2, planned.elapsedSeconds])
    const [first, second] = report.items
    expect(Date.parse(second!.startedAt!)).toBeGreaterThanOrEqual(Date.parse(first!.startedAt!) + first!.seconds! * 1_000)
    expect(pool.ok('vm list -o name --state running').split('\n')).toHaveLength(7)
  })

  it('hands over with --no-wait, and the same change is joined by the next', () => {
    const handed = farm.json<Report>('vm stop vm1 --no-wait')
    expect(handed).toMatchObject({ accepted: 1, endedAt: null, items: [{ result: 'accepted', job: expect.stringMatching(/^job-/) }] })
    expect(farm.run('vm start vm1 -o csv --columns error')).toMatchObject({ exit: 9, stdout: expect.stringContaining('lease.held') })
    expect(farm.json<Report>('vm stop vm1').items[0]).toMatchObject({ result: 'unchanged', job: handed.items[0]!.job })
    expect(farm.run('vm stop vm2 --no-wait --dry-run').exit).toBe(2)
  })

  it('joins in a dry run what the run would join', () => {
    farm.ok('vm stop vm2 --no-wait')
    expect(farm.json<Report>('vm stop vm2 --dry-run')).toMatchObject({ unchanged: 1, wouldFail: 0, endedAt: expect.any(String) })
    expect(farm.run('vm start vm2 --dry-run').exit).toBe(9)
    expect(farm.json<Report>('vm start vm2 --dry-run --lease-wait 1m')).toMatchObject({ wouldDo: 1, elapsedSeconds: 40 })
  })

  it('does so for servers too', () => {
    const pool = new Session('figure-7')
    pool.ok('server stop ovs2 --yes --no-wait')
    expect(pool.json<Report>('server stop ovs2 --dry-run')).toMatchObject({ unchanged: 1, elapsedSeconds: 30 })
    expect(pool.json<Report>('server start ovs2 --dry-run --lease-wait 1h')).toMatchObject({ wouldDo: 1, elapsedSeconds: 210 })
  })

  it('waits with --lease-wait for another change', () => {
    expect(farm.json<Report>('vm start vm2 --lease-wait 1m')).toMatchObject({ done: 1, elapsedSeconds: 40 })
  })
})

describe('what a run leaves behind', () => {
  const farm = new Session('figure-6')

  it('is found again by its request key, by the same user, and not after a refusal', () => {
    expect(farm.run('vm start vm1 --request-key k --expect 2').exit).toBe(5)
    const first = farm.ok('vm start vm1 --request-key k -o json')
    farm.ok('vm stop vm1')
    expect(farm.ok('vm start vm1 --request-key k -o json')).toBe(first)
    expect(farm.json<Record<string, unknown>>('vm show vm1')['state']).toBe('powered-off')
    expect(farm.json<Report>('vm start vm1 --request-key k -u operator')).toMatchObject({ done: 1, user: 'operator' })
    expect(farm.run('vm stop vm1', '--request-key', '').exit).toBe(2)
  })

  it('is not taken for the retry of another run by its request key, nor the other way round', () => {
    const run = farm.json<Report>('vm start vm1 --strict --on ovs1 --request-key key-a').run!
    const other = farm.json<Report>('vm start vm1 --strict').run!
    const codeOf = (words: string) => farm.json<{ error?: { code: string } }>(words).error?.code
    expect(codeOf(`run retry ${run} --request-key key-a`)).toBe('usage.request-key')
    const retry = farm.json<Report>(`run retry ${other} --request-key key-b`).run
    expect(farm.json<Report>(`run retry ${other} --request-key key-b`).run).toBe(retry)
    expect(codeOf(`run retry ${run} --request-key key-b`)).toBe('usage.request-key')
    expect(codeOf('vm start vm1 --request-key key-b')).toBe('usage.request-key')
  })

  it('keeps the reason as it was said', () => {
    const reason = 'weekly — "ünï", 🦊'
    farm.ok('vm start vm2', '--reason', reason)
    expect(farm.json<{ reason: string }[]>('run list --limit 1', '--filter', 'reason~weekly')[0]!.reason).toBe(reason)
  })

  it('is written to report files besides stdout, also of a dry run, and to none of a refusal', () => {
    const [json, junit, none] = ['r.json', 'r.xml', 'none.json'].map(name => join(farm.home, name))
    const ended = farm.run(`vm pause vm2 vm3 -o json --report json=${json} --report junit=${junit}`)
    expect(ended.exit).toBe(6)
    expect(readFileSync(json!, 'utf8')).toBe(ended.stdout)
    expect(readFileSync(junit!, 'utf8')).toMatch(/<testsuite name="vm.pause" tests="2" failures="1" errors="0" skipped="0"[^>]*>/)
    farm.ok(`vm start vm3 --dry-run --report junit=${junit}`)
    expect(readFileSync(junit!, 'utf8')).toContain('value="would-do"')
    expect(farm.run(`vm start nope --report json=${none}`).exit).toBe(3)
    expect(() => readFileSync(none!)).toThrow()
    for (const bad of ['xml=f', `json=${farm.home}/no/such/f`]) expect(farm.run(`vm start vm3 --report ${bad}`).exit, bad).toBe(2)
    expect(farm.json<Record<string, unknown>>('vm show vm3')['state']).toBe('powered-off')
  })

  it('shows the same items in every format', () => {
    farm.ok('vm unpause vm2')
    const words = 'vm stop vm2 vm3 vm4 -y --dry-run'
    const report = farm.json<Report>(words)
    expect(farm.ok(`${words} -o jsonl`).trimEnd().split('\n').map(line => JSON.parse(line) as unknown)).toEqual(report.items)
    expect(farm.ok(`${words} -o csv`).split('\n')[0]).toBe(Object.keys(report.items[0]!).join(','))
    expect(farm.ok(`${words} -o yaml`)).toContain(`wouldDo: ${report.wouldDo}\n`)
    expect(farm.ok(`${words} -o name`)).toBe('')
    expect(farm.ok(`${words} -v`)).toMatch(/vm3 +pool1 +unchanged/)
    expect(farm.ok(words)).not.toContain('vm3')
  })
})
