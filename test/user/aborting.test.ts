import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { openManager } from '../../src/embedded/open.js'
import { noNarrowing, type RunRequest } from '../../src/contract/requests.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>
const admin = { user: 'admin' }

function start(names: string[], parallel: number): RunRequest {
  return {
    principal: admin, requestKey: names.join(), operation: 'vm.start', reason: null, selector: { targets: names, listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null }, guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
    policy: { parallel, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null },
  }
}

describe('job abort', () => {
  it('undoes what is under way and keeps the rest from beginning: nothing is left of it', () => {
    const farm = new Session('figure-8', '--running')
    farm.ok('vm stop vm1 vm6 --yes --force')
    const before = farm.json('repo list')
    farm.ok('vm clone vm1 --name c{1..6} --no-wait')
    farm.ok('vm start vm6 --no-wait')
    farm.ok('vm suspend vm2 --no-wait')
    farm.ok('vm migrate vm3 --to auto --no-wait')
    const on = farm.json('vm show vm3')['server']
    farm.ok('sim clock --advance 5s')
    const jobs = farm.ok('job list --state queued --state running -o name')
    expect(jobs.trim().split('\n')).toHaveLength(9)
    const aborted = farm.runWith({ input: jobs }, 'job abort --from - --reason wrong -o json')
    expect(aborted.exit).toBe(0)
    for (const job of JSON.parse(aborted.stdout) as Data[]) expect(job, String(job['subject'])).toMatchObject({ state: 'aborted', error: { code: 'job.aborted' } })
    expect(farm.ok('vm list -o name --filter name~^c')).toBe('')
    expect(farm.json('repo list')).toEqual(before)
    expect(farm.json<Data[]>('vm show vm6 vm2 vm3').map(vm => [vm['state'], vm['server']])).toEqual([['powered-off', null], ['running', expect.any(String)], ['running', on]])
    expect(farm.json<Data[]>('run list --state running')).toEqual([])
    expect(farm.json<Data[]>('event list --filter kind=job.abort')[0]).toMatchObject({ severity: 'warning', user: 'admin', message: expect.stringContaining('wrong') })
    for (const words of ['vm start vm6', 'vm suspend vm2', 'vm clone vm1 --name c1']) farm.ok(words)
  })

  it('lets end what is too far on, and says so', () => {
    const farm = new Session('figure-6', '--running')
    farm.ok('vm stop vm1 --no-wait')
    const job = farm.ok('job list --state running -o name').trim()
    const late = farm.run(`job abort ${job} -o json`)
    expect(late.exit).toBe(5)
    expect(late.stderr).toContain('job.ended')
    expect(JSON.parse(late.stdout)).toMatchObject([{ id: job, state: 'succeeded' }])
    expect(farm.json('vm show vm1')['state']).toBe('powered-off')
    const again = farm.run(`job abort ${job} -o json`)
    expect([again.exit, (JSON.parse(again.stdout) as { error: Data }).error]).toEqual([5, expect.objectContaining({ code: 'job.ended', hint: `job show ${job} tells how` })])
    expect(farm.run('job abort job-nonesuch -o json')).toMatchObject({ exit: 3, stdout: expect.stringContaining('not-found.job') })
    expect(farm.run('job abort').exit).toBe(2)
  })

  it('is for whoever may do what the job does', () => {
    const farm = new Session('figure-8')
    farm.ok('vm start vm7 --no-wait')
    const job = farm.ok('job list --state running -o name').trim()
    expect(farm.run(`job abort ${job} --user alice`).exit, 'alice does not see it').toBe(3)
    expect(farm.json(`can-i abort job ${job}`, '--user', 'operator')['allowed']).toBe(true)
    farm.ok(`job abort ${job} --user operator`)
  })

  it('takes from a run of another command what it has not begun', async () => {
    const farm = new Session('figure-6')
    const [one, other] = [await openManager({ home: `${farm.home}/ovm`, farm: null }), await openManager({ home: `${farm.home}/ovm`, farm: null })]
    const run = await one.startRun(start(['vm1', 'vm2', 'vm3'], 1))
    await one.followRun({ principal: admin, run: run.run, afterRevision: run.revision })
    const { json } = await other.list({ principal: admin, kind: 'job', narrowing: { ...noNarrowing, states: ['queued'] }, columns: ['id', 'subject'], sort: null, limit: null, cursor: null })
    const last = (JSON.parse(json) as { id: string; subject: string }[]).find(job => job.subject === 'vm3')!
    expect((await other.abortJobs({ principal: admin, jobs: [last.id], reason: null, timeoutMs: null })).records).toMatchObject([{ state: 'aborted' }])
    let progress = await one.followRun({ principal: admin, run: run.run, afterRevision: 0 })
    while (progress.state === 'running') progress = await one.followRun({ principal: admin, run: run.run, afterRevision: progress.revision })
    const report: Report = await one.runReport({ principal: admin, run: run.run })
    expect(report.items.map(item => [item.name, item.result, item.error?.code ?? null])).toEqual([['vm1', 'done', null], ['vm2', 'done', null], ['vm3', 'not-attempted', 'job.aborted']])
    await one.close()
    await other.close()
  })
})
