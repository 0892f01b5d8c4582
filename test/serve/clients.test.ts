import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { ServedFarm } from '../served-manager.js'

interface Run { id: string; state: string; done: number; user: string }

/** A served farm whose clock runs slowly, and a profile of it. */
async function slow(rate = 1) {
  const farm = new ServedFarm('figure-8')
  farm.here(`sim clock --rate ${rate}`)
  const manager = await farm.serve()
  farm.logIn()
  return { farm, manager }
}

describe('a client that goes', () => {
  it.each(['SIGKILL', 'SIGHUP'] as const)('by %s leaves its run to the manager, which drives it to its end', async signal => {
    const { farm } = await slow()
    const client = farm.start('vm start vm1 vm2 vm3 --parallel 1 --profile work')
    await client.underWay
    client.signal(signal)
    expect((await client.ended).exit).toBeNull()
    const state = () => farm.json<Run[]>('run list --profile work --filter operation=vm.start')[0]
    expect(state()).toMatchObject({ state: 'running' })
    // What is left of ninety seconds.
    farm.ok('sim clock --rate 1000 --profile work')
    farm.ok('vm wait vm1 vm2 vm3 --for running --profile work')
    while (state()!.state === 'running');
    expect(state()).toMatchObject({ state: 'finished', done: 3 })
  })

  it('by Ctrl-C interrupts its run, and run resume of another client takes it up', async () => {
    const { farm } = await slow()
    const client = farm.start('vm start vm1 vm2 vm3 --parallel 1 --profile work')
    await client.underWay
    client.signal('SIGINT')
    const { exit, stdout, stderr } = await client.ended
    const [run] = farm.json<Run[]>('run list --profile work --filter operation=vm.start')
    expect(run).toMatchObject({ state: 'interrupted' })
    expect(exit, stderr).toBe(130)
    expect(stdout).toContain(run!.id)
    expect(stderr).toContain(`run resume ${run!.id} takes it up`)
    farm.ok(`profile add other -q --manager ${farm.url} --trust-on-first-use --password-file ${farm.passwordFile}`)
    farm.ok('sim clock --pause --profile work')
    expect(farm.json<Report>(`run resume ${run!.id} --profile other`)).toMatchObject({ total: 3, done: 3 })
    expect(farm.json<unknown[]>('event list --filter kind=vm.start --profile work')).toHaveLength(3)
  })

  it('by a second Ctrl-C does not wait for a manager that does not answer', async () => {
    const { farm, manager } = await slow()
    const client = farm.start('vm start vm1 --profile work')
    await client.underWay
    manager.signal('SIGSTOP')
    const over = client.ended.then(() => true)
    do client.signal('SIGINT')
    while (!(await Promise.race([over, new Promise<false>(resolve => { setTimeout(resolve, 20, false) })])))
    expect(await client.ended).toMatchObject({ exit: null, signal: 'SIGINT' })
    manager.signal('SIGCONT')
    farm.ok('sim clock --pause --profile work')
    expect(farm.json<Run[]>('run list --profile work --filter operation=vm.start')).toMatchObject([{ state: expect.stringMatching(/running|interrupted|finished/) as string }])
  })

  it('interrupts only what is its own: who follows by the same request key leaves, and whoever began it is not disturbed', async () => {
    const { farm } = await slow()
    const words = 'vm start vm1 --request-key night --profile work -o json'
    const first = farm.start(words)
    await first.underWay
    const second = farm.start(words)
    await second.underWay
    const third = farm.start(words)
    await third.underWay
    second.signal('SIGTERM')
    const left = await second.ended
    expect([left.exit, (JSON.parse(left.stdout) as Report).run]).toEqual([143, expect.stringMatching(/^run-/)])
    farm.ok('sim clock --pause --profile work')
    for (const one of [first, third]) expect(await one.ended).toMatchObject({ exit: 0, stdout: expect.stringContaining('"done": 1') as string })
    expect(farm.json<Run[]>('run list --profile work --filter operation=vm.start')).toMatchObject([{ state: 'finished', done: 1 }])
  })
})

describe('a manager that goes', () => {
  it('under a run ends who follows it with 7, and he is told which run it was', async () => {
    const { farm, manager } = await slow()
    const client = farm.start('vm start vm1 --profile work -o json')
    await client.underWay
    manager.signal('SIGKILL')
    const { exit, stdout, stderr } = await client.ended
    const { id } = farm.here<Run[]>('run list --filter operation=vm.start')[0]!
    expect([exit, JSON.parse(stdout)]).toEqual([7, { error: expect.objectContaining({ code: 'manager.no-answer', hint: expect.stringContaining(`run show ${id}`) as unknown, details: { run: id, why: 'manager.unreachable' } }) as unknown }])
    expect(stderr).toContain(`run show ${id}`)
    farm.here('sim clock --pause')
    expect(farm.here(`run resume ${id}`)).toMatchObject({ done: 1 })
  })

  it('in order ends with 8 who waits for guests, at once', async () => {
    const { farm, manager } = await slow()
    // Something is due one day, so that it may be waited for.
    farm.here('sim fault guest-crash vm1 --at 5h')
    const client = farm.start('vm wait vm2 --for running --profile work -o json')
    while (!/^ovmcli_calls_under_way 1$/m.test((await farm.door('GET', '/metrics')).text));
    manager.signal('SIGTERM')
    const { exit, stdout } = await client.ended
    expect([exit, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([8, expect.stringMatching(/^manager\.(busy|unreachable)$/)])
    expect((await manager.ended).exit).toBe(0)
  })

  it('ends with 8 who follows events and lists', async () => {
    const { farm, manager } = await slow()
    const followers = ['event follow', 'vm list --watch -o jsonl', 'farm status --watch'].map(words => farm.start(`${words} --profile work`))
    await Promise.all(followers.map(follower => follower.printed(/./)))
    manager.signal('SIGKILL')
    for (const { exit, stderr } of await Promise.all(followers.map(follower => follower.ended))) expect([exit, stderr]).toEqual([8, expect.stringContaining('manager.unreachable')])
  })
})
