import { describe, expect, it } from 'vitest'
import { Session } from '../session.js'

type Data = Record<string, unknown>
const linesOf = (text: string) => text.trimEnd().split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Data)

describe('following', () => {
  it('prints events, jobs and lists as commands change them, and ends with the code of its signal', async () => {
    const farm = new Session('figure-8')
    const events = farm.start('event follow')
    const one = farm.start('event list --follow -o jsonl --limit 1', '--filter', 'subject=vm2')
    const jobs = farm.start('job list --follow -o jsonl --columns subject,state')
    const list = farm.start('vm list --pool pool1 --watch -o jsonl --columns name,state')
    const table = farm.start('vm list --pool pool2 --watch --columns name,state')
    await Promise.all([events.underWay, one.underWay, jobs.underWay, list.printed(/"vm6"/), table.printed(/^vm10/)])
    expect(farm.run('vm start vm1 vm2').exit).toBe(0)
    await Promise.all([events.printed(/vm[12] started on/, 2), jobs.printed(/"succeeded"/, 2), list.printed(/"running"/, 2)])
    const [, first, second, ...more] = (await events.printed(/./)).trimEnd().split('\n')
    expect([first, second].map(line => line!.split(/ {2,}/).slice(0, 4))).toEqual([['2010-07-28T00:00:30Z', 'info', 'vm.start', 'vm1'], ['2010-07-28T00:00:30Z', 'info', 'vm.start', 'vm2']])
    expect(more).toEqual([])
    expect(await one.ended).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^\{"id":"event-3",.*"subject":"vm2".*\}\n$/) as string })
    farm.ok('vm start vm9')
    await table.printed(/^vm9 .*Running/)
    list.signal('SIGINT')
    jobs.signal('SIGTERM')
    events.closeOutput()
    table.signal('SIGINT')
    farm.ok('vm pause vm1')
    const ends = await Promise.all([list, jobs, events, table].map(running => running.ended))
    expect(ends.map(({ exit, stderr }) => [exit, stderr.replace(/^farm figure-8: .*\n/, '')])).toEqual([[130, ''], [143, ''], [0, ''], [130, '']])
    // What was told of each adds up: whole at first, then what changed.
    expect(Object.fromEntries(linesOf(ends[0]!.stdout).map(({ name, state }) => [name, state]))).toEqual({ vm1: 'running', vm2: 'running', vm3: 'powered-off', vm4: 'powered-off', vm5: 'powered-off', vm6: 'powered-off' })
    expect(linesOf(ends[1]!.stdout).filter(job => job['state'] === 'succeeded').map(job => job['subject']).slice(0, 2)).toEqual(['vm1', 'vm2'])
    const rounds = ends[3]!.stdout.split('\n\n')
    expect(rounds[0]).toBe('NAME  STATE\nvm7   Powered Off\nvm8   Powered Off\nvm9   Powered Off\nvm10  Powered Off')
    expect(rounds.at(-1)).toBe('NAME  STATE\nvm7   Powered Off\nvm8   Powered Off\nvm9   Running\nvm10  Powered Off\n')
  })

  it('lets a clock with a rate go on, and ends when its time is over', async () => {
    const farm = new Session('figure-7')
    farm.ok('sim clock --rate 1000')
    const status = farm.start('farm status --watch -o jsonl --columns vms')
    const short = farm.start('event follow --since 2010-07-28 -o csv --columns kind --timeout 1ms')
    await status.printed(/"running":0/)
    farm.ok('vm start vm1 --no-wait')
    // Nobody but the watcher is there to let it happen.
    await status.printed(/"running":1/)
    expect(await short.ended).toMatchObject({ exit: 0, stdout: 'kind\nfarm.created\n' })
    status.signal('SIGTERM')
    expect((await status.ended).exit).toBe(143)
  })

  it('ends when its farm is gone', async () => {
    const farm = new Session('figure-7')
    const status = farm.start('farm status --watch -o jsonl --columns vms')
    await status.printed(/"running":0/)
    farm.ok('sim delete figure-7 --yes')
    expect(await status.ended).toMatchObject({ exit: 3, stderr: expect.stringContaining('farm.not-found') as string })
  })

  it('refuses what no reader could take apart, naming what can be', () => {
    const farm = new Session('figure-7')
    const ask = (words: string) => { const { exit, stdout, stderr } = farm.run(words); return [exit, /-o jsonl/.test(stderr), stdout.includes('usage.argument')] }
    expect([ask('event follow -o json'), ask('vm list --watch -o csv'), ask('run list --watch --json')]).toEqual([[2, true, true], [2, true, false], [2, true, true]])
    expect(farm.run('event list --follow --sort at').stderr).toContain('--sort')
    const { exit, stdout } = farm.runWith({ input: 'vm list --watch\nvm list --watch -o jsonl --columns name --limit 1 --timeout 1ms\n' }, 'batch')
    expect([exit, ...linesOf(stdout).map(line => line['exit'])]).toEqual([6, 2, 0])
    expect(linesOf(stdout)[1]).toMatchObject({ result: [{ name: 'vm1' }] })
  })
})

describe('job wait', () => {
  it('waits for what was handed over, and tells by its exit how it ended', () => {
    const farm = new Session('figure-8')
    const jobsOf = (words: string) => farm.ok(`${words} --no-wait -o csv --columns job --no-header`).trim().split('\n').join(' ')
    const starts = jobsOf('vm start vm1 vm2 vm3')
    const late = farm.run(`job wait ${starts} --timeout 10s -o json`)
    expect([late.exit, (JSON.parse(late.stdout) as Data[]).map(job => job['state'])]).toEqual([7, ['running', 'running', 'running']])
    expect(late.stderr).toContain('run.deadline')
    const done = farm.runWith({ input: starts.replaceAll(' ', '\n') }, 'job wait --from - -o csv --columns subject,state,endedAt --no-header')
    expect(done).toMatchObject({ exit: 0, stdout: 'vm1,succeeded,2010-07-28T00:00:30Z\nvm2,succeeded,2010-07-28T00:00:30Z\nvm3,succeeded,2010-07-28T00:00:30Z\n' })
    const [bad] = (farm.ok('sim fault guest-hang vm1'), jobsOf('vm stop vm1 --grace 5s').split(' '))
    const both = jobsOf('vm pause vm3')
    expect(farm.run(`job wait ${bad}`).exit).toBe(5)
    expect(farm.run(`job wait ${bad} ${both}`).exit).toBe(6)
    expect(farm.run('job wait nothing').exit).toBe(3)
    expect(farm.run('job wait').exit).toBe(2)
  })
})

describe('--since and --until', () => {
  it('narrow events, jobs and runs by the farm\'s clock', () => {
    const farm = new Session('figure-8')
    farm.ok('vm start vm1')
    farm.ok('sim clock --advance 1h')
    farm.ok('vm start vm2')
    const names = (words: string) => farm.ok(`${words} --no-header`).trim().split('\n')
    expect(names('event list --columns kind,subject -o csv --since 10m')).toEqual(['vm.start,vm2'])
    expect(names('event list --columns subject -o csv --until 00:00:30 --since 2010-07-28')).toEqual(['figure-8', 'vm1'])
    expect(names('job list --columns subject -o csv --since 30s')).toEqual(['vm2'])
    expect(names('job list --columns subject -o csv --until 59m')).toEqual(['vm1'])
    expect(names('run list --columns startedAt -o csv --since 2010-07-28T01:00:00Z')).toEqual(['2010-07-28T01:00:30Z'])
    for (const bad of ['job list --since yesterday', 'event list --until 25:00', 'run list --since 5m --until 10m']) {
      const ended = farm.run(`${bad} -o json`)
      expect([ended.exit, ended.stdout.includes('usage.argument')], bad).toEqual([2, true])
    }
  })
})
