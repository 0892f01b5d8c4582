import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>
const figureGuest = { memoryMiB: 4_096, diskMiB: 20_480 }

/** What a command answered that was refused before anything was done. */
function refused(farm: Session, words: string, ...more: string[]): { code: string; exit: number | null; message: string; hint: string; details: Data } {
  const { stdout, exit } = farm.run(words, ...more, '-o', 'json')
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string; details: Data } }
  return { ...error, exit }
}

const freeIn = (farm: Session, pool: string) => farm.json<Data[]>(`repo list --pool ${pool}`)[0]!['freeMiB'] as number

describe('making guests', () => {
  it('of a template: its size, system and mode, a file of its own, an address of its own, and what was asked for', () => {
    const farm = new Session('figure-8')
    const free = freeIn(farm, 'pool1')
    const report = farm.json<Report>('vm create web01 --pool pool1 --template ol5u5-pv --vcpus 2 --memory-mib 2GiB --tag tier=web --nic bridge=xenbr1 --description=front')
    expect(report).toMatchObject({ operation: 'vm.create', total: 1, done: 1 })
    expect(report.items[0]).toMatchObject({ kind: 'vm', name: 'web01', pool: 'pool1', result: 'done', state: 'powered-off', job: expect.stringMatching(/^job-/) })
    // 8 GiB at 200 MB/s, and a second (simulation.md, "Physics").
    expect(report.elapsedSeconds).toBeCloseTo((8_192 * 1_048_576) / 200e6 + 1, 1)
    const web = farm.json('vm show web01')
    expect(web).toMatchObject({ id: report.items[0]!.id, type: 'pv', os: 'el5', vcpus: 2, memoryMiB: 2_048, diskMiB: 8_192, owner: 'admin', visibility: 'private', template: 'ol5u5-pv', tags: { tier: 'web' }, description: 'front', bootDevice: 'hdd', cdrom: null })
    expect(web['nics']).toEqual([{ name: 'eth0', bridge: 'xenbr1', mac: expect.stringMatching(/^00:16:3e:/) }])
    expect(freeIn(farm, 'pool1')).toBe(free - 8_192)
    farm.ok('vm start web01')
    expect(farm.json('event list --filter kind=vm.create --limit 1')).toMatchObject([{ subject: 'web01', user: 'admin', run: report.run }])
  })

  it('to install: hvm from an ISO or the network, with a disk; an empty disk takes no time of copying', () => {
    const farm = new Session('figure-8')
    farm.ok('vm create cd --pool pool1 --iso ol5u5.iso --os el5')
    expect(farm.json('vm show cd')).toMatchObject({ type: 'hvm', cdrom: 'ol5u5.iso', bootDevice: 'cdrom', diskMiB: 10_240 })
    farm.ok('vm create net --pool pool2 --pxe')
    expect(farm.json('vm show net')).toMatchObject({ type: 'hvm', bootDevice: 'pxe', template: null })
    expect(farm.json<Report>('vm create blank --pool pool2 --disk-mib 100GiB --type hvm').elapsedSeconds).toBe(1)
  })

  it('many at once, in order, and starts them when asked: what finds no room is made and says why it does not run', () => {
    const farm = new Session('figure-6')
    const ended = farm.run('vm create --pool pool1 --template ol5u5-pv --memory-mib 30GiB --start -o json', 'db{1..3}')
    expect(ended.exit).toBe(6)
    const report = JSON.parse(ended.stdout) as Report
    expect(report.items.map(item => [item.name, item.result, item.state, item.error?.code ?? null])).toEqual([['db1', 'done', 'running', null], ['db2', 'done', 'running', null], ['db3', 'failed', 'powered-off', 'capacity.memory']])
    expect(farm.ok('vm list --state running -o name')).toBe('db1\ndb2\n')
    farm.ok('vm stop db1 --force')
    expect(farm.json<Report>(`run retry ${report.run!}`)).toMatchObject({ total: 1, done: 1, items: [{ name: 'db3', state: 'running' }] })
  })

  it('from a file, all checked before the first is made: every fault is told, and nothing is there', () => {
    const farm = new Session('figure-8')
    const file = join(farm.home, 'guests.csv')
    writeFileSync(file, 'name,memoryMiB,pool\napp1,2GiB,pool1\napp2,64,pool2\n')
    expect(farm.json<Report>(`vm create --file ${file} --template ol5u5-pv --request-key once`)).toMatchObject({ total: 2, done: 2 })
    expect(farm.json<Report>(`vm create --file ${file} --template ol5u5-pv --request-key once`), 'the same key is the same report').toMatchObject({ total: 2, done: 2 })
    expect(farm.json('vm show app1 app2')).toMatchObject([{ pool: 'pool1', memoryMiB: 2_048 }, { pool: 'pool2', memoryMiB: 64 }])
    writeFileSync(file, 'name,template,pool\nb1,ol5u5-pv,pool1\nb2,nonesuch,pool1\nb3,ol5u5-pv,pool1\nb3,ol5u5-pv,pool1\n')
    const { exit, details } = refused(farm, `vm create --file ${file}`)
    expect(exit).toBe(2)
    expect((details['faults'] as Data[]).length).toBeGreaterThan(0)
    expect(farm.ok('vm list -o name', '--filter', 'name~^b[0-9]')).toBe('')
  })

  it('refuses what cannot be, with the code of what is wrong, and changes nothing', () => {
    const farm = new Session('figure-8')
    const cases: [string, string, number][] = [
      ['vm create vm1 --pool pool1 --template ol5u5-pv', 'vm.exists', 5], ['vm create x --pool nonesuch --template ol5u5-pv', 'not-found.pool', 3], ['vm create x --pool pool1 --template nonesuch', 'not-found.template', 3],
      ['vm create x --pool pool1 --iso nonesuch', 'not-found.iso', 3], ['vm create x --pool pool1 --template ol5u5-pv --repo nonesuch', 'not-found.repo', 3], ['vm create x --pool pool1 --template ol5u5-pv --server ovs3', 'not-found.server', 3],
      ['vm create x --pool pool1 --template ol5u5-pv --owner nobody', 'not-found.user', 3], ['vm create x --pool pool1 --template ol5u5-pv --group nobody', 'not-found.group', 3], ['vm create x --pool pool1 --template ol5u5-pv --ha', 'pool.no-ha', 5],
      ['vm create x --pool pool1 --disk-mib 5TiB', 'capacity.space', 5], ['vm create x --pool pool1', 'usage.argument', 2], ['vm create x --pool pool1 --template ol5u5-pv --os windows2003', 'vm.os-mode', 5], ['vm create -x- --pool pool1 --pxe', 'usage.argument', 2],
      ['vm create x/y --pool pool1 --pxe', 'usage.name', 2], ['vm create x --pool pool1 --template ol5u5-pv --owner admin --user alice', 'auth.denied', 4], ['vm create x --pool pool1 --template ol5u5-pv --visibility shared', 'usage.argument', 2],
    ]
    for (const [words, code, exit] of cases) {
      const { stdout, exit: ended } = farm.run(words, '-o', 'json')
      const answer = JSON.parse(stdout) as { error?: { code: string; hint: string | null }; items?: Report['items'] }
      const error = answer.error ?? answer.items![0]!.error!
      expect([error.code, ended], words).toEqual([code, exit])
      expect(error.hint, words).not.toBeNull()
    }
    const mac = ((farm.json('vm show vm1')['nics'] as Data[])[0]!['mac']) as string
    expect(refused(farm, `vm create x --pool pool1 --template ol5u5-pv --nic bridge=xenbr0,mac=${mac}`)).toMatchObject({ code: 'vm.mac', exit: 5, message: expect.stringContaining('vm1') })
    expect(farm.ok('vm list -o name').split('\n')).toHaveLength(11)
  })

  it('keeps the password of a console out of everything that can be looked at', () => {
    const farm = new Session('figure-6')
    const file = join(farm.home, 'secret')
    writeFileSync(file, 'hush42\n', { mode: 0o600 })
    const report = farm.json<Report>(`vm create web --pool pool1 --template ol5u5-pv --console-password-file ${file}`)
    const seen = [JSON.stringify(report), ...['vm show web', 'vm list', 'event list', 'job list', 'run list', `run show ${report.run!}`].map(words => farm.ok(`${words} -o json`))].join('\n')
    expect(seen).not.toContain('hush42')
  })
})

describe('cloning', () => {
  it('copies one or many, in its pool or another; they belong to whoever asks, and are like it but for their addresses', () => {
    const farm = new Session('figure-8')
    farm.ok('vm update vm1 --tag tier=web')
    const report = farm.json<Report>('vm clone vm1 --name web{01..06}')
    expect(report).toMatchObject({ total: 6, done: 6 })
    expect(report.items.map(item => item.name)).toEqual(['web01', 'web02', 'web03', 'web04', 'web05', 'web06'])
    // 4 at once a repository share its bandwidth, then the other two.
    const copyMs = (figureGuest.diskMiB * 1_048_576) / 200e3
    expect(report.elapsedSeconds).toBeCloseTo((4 * copyMs + 2 * copyMs) / 1_000 + 2, 0)
    const clones = farm.json<Data[]>('vm show web01 web02 vm1')
    expect(new Set(clones.map(vm => JSON.stringify(vm['nics']))).size).toBe(3)
    expect(clones[0]).toMatchObject({ ...figureGuest, state: 'powered-off', tags: { tier: 'web' }, owner: 'admin' })
    farm.ok('vm clone vm1 --name away --pool pool2')
    expect(farm.json('vm show away')).toMatchObject({ pool: 'pool2', server: null })
  })

  it('needs a source that is off, and leaves it alone until all is copied', () => {
    const farm = new Session('figure-7')
    farm.ok('vm start vm1')
    expect(farm.run('vm clone vm1 --name x -o json')).toMatchObject({ exit: 5, stdout: expect.stringContaining('"vm.state"') })
    farm.ok('vm clone vm2 --name y --no-wait')
    expect(farm.json('vm show y')['state']).toBe('cloning')
    for (const words of ['vm start vm2', 'vm delete vm2 --yes', 'vm update vm2 --tag a=b', 'vm start y']) expect(farm.run(`${words} -o json`), words).toMatchObject({ exit: 9, stdout: expect.stringContaining('"lease.held"') })
    farm.ok('sim clock --advance 5m')
    expect(farm.json('vm show y')['state']).toBe('powered-off')
    farm.ok('vm start vm2')
  })

  it('of a public guest is for everybody, of a private one for nobody else', () => {
    const farm = new Session('figure-7')
    expect(farm.run('vm clone vm1 --name mine --user alice').exit).toBe(3)
    farm.ok('vm create own --pool pool1 --template ol5u5-pv --user alice')
    farm.ok('vm clone own --name own2 --user alice')
    expect(farm.ok('vm list -o name --user alice')).toBe('own\nown2\n')
  })

  it('leaves nothing of a copy that breaks, and gives its room back', () => {
    const farm = new Session('figure-7')
    const free = freeIn(farm, 'pool1')
    const repo = farm.json<Data[]>('repo list')[0]!['id'] as string
    farm.ok(`sim fault copy-fail ${repo} --count 1`)
    const ended = farm.run('vm clone vm1 --name x -o json')
    expect(ended).toMatchObject({ exit: 5, stdout: expect.stringContaining('vm.copy-failed') })
    expect(farm.run('vm show x').exit).toBe(3)
    expect(freeIn(farm, 'pool1')).toBe(free)
    farm.ok('vm clone vm1 --name x')
  })
})

describe('templates, moving and deleting', () => {
  it('saves a guest as a template, of which guests can be made', () => {
    const farm = new Session('figure-7')
    expect(farm.json<Report>('vm template vm2 --name gold')).toMatchObject({ operation: 'vm.template', items: [{ kind: 'template', name: 'gold', pool: 'pool1', state: 'active' }] })
    expect(farm.json('template show gold')).toMatchObject({ state: 'active', type: 'pv', os: 'el5', sizeMiB: 20_480 })
    farm.ok('vm create g1 --pool pool1 --template gold')
    expect(farm.json('vm show g1')).toMatchObject({ ...figureGuest, template: 'gold', vcpus: 2 })
    expect(refused(farm, 'vm template vm3 --name gold')).toMatchObject({ code: 'template.exists', exit: 5 })
    expect(refused(farm, 'vm template vm3 vm4 --name x')).toMatchObject({ code: 'usage.argument', exit: 2 })
  })

  it('deletes guests that are off, and gives their room back; always asks', () => {
    const farm = new Session('figure-8')
    const free = freeIn(farm, 'pool1')
    farm.ok('vm start vm1')
    expect(refused(farm, 'vm delete vm2')).toMatchObject({ code: 'guard.confirm', exit: 5 })
    expect(farm.run('vm delete vm1 --yes -o json')).toMatchObject({ exit: 5, stdout: expect.stringMatching(/vm\.state/) })
    const report = farm.json<Report>('vm delete --pool pool1 --exclude vm1 --yes')
    expect(report).toMatchObject({ total: 5, done: 5 })
    expect(report.items[0]!.state).toBeNull()
    expect(farm.ok('vm list --pool pool1 -o name')).toBe('vm1\n')
    expect(freeIn(farm, 'pool1')).toBe(free + 5 * 20_480)
    expect(farm.run('vm show vm2').exit).toBe(3)
    farm.ok('vm create vm2 --pool pool1 --template ol5u5-pv')
  })

  it('takes a move to where a guest is as done, and to nowhere as not found', () => {
    const farm = new Session('figure-6')
    expect(farm.json<Report>('vm move vm1 --repo /dev/sdb1').items[0]).toMatchObject({ result: 'unchanged', job: null })
    expect(farm.run('vm move vm1 --repo /dev/sdz -o json')).toMatchObject({ exit: 3, stdout: expect.stringContaining('not-found.repo') })
  })
})

describe('a run of new guests that is cut', () => {
  it('goes on where it was: nothing is made twice, and nothing half', () => {
    const farm = new Session('figure-7')
    // Cut in the middle: the deadline ends the command, and what had not begun is not attempted.
    const ended = farm.run('vm clone vm1 --name c{1..6} --timeout 200s -o json')
    expect(ended.exit).toBe(7)
    const report = JSON.parse(ended.stdout) as Report
    expect(report).toMatchObject({ total: 6, unknown: 4, notAttempted: 2 })
    farm.ok('sim clock --advance 10m')
    expect(farm.ok('vm list -o name', '--filter', 'name~^c', '--state', 'powered-off')).toBe('c1\nc2\nc3\nc4\n')
    expect(farm.json<Report>(`run retry ${report.run!}`)).toMatchObject({ total: 2, done: 2 })
    expect(farm.json<Data[]>('vm list', '--filter', 'name~^c').map(vm => vm['state'])).toEqual(Array.from({ length: 6 }, () => 'powered-off'))
  })
})
