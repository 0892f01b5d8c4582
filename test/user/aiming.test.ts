import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session, type Ended } from '../session.js'

type Told = { error: { code: string; exit: number; message: string; hint: string | null; details: Record<string, unknown> | null } }

// Two sites of six guests each, nobody changes them here.
const farm = new Session('figure-9')
const lines = (text: string) => text.split('\n').filter(line => line !== '')
/** The names that a selection aims at, in order. */
const aimed = (words: string, ...more: string[]) => lines(farm.ok('vm start --dry-run -o csv --columns name --no-header', ...words.split(' ').filter(word => word !== ''), ...more))
const fed = (input: string, words: string, ...more: string[]) => farm.runWith({ input }, `vm start --dry-run --from - ${words}`, ...more)
/** The exit and code of a refusal, which is on stdout as JSON and in words on stderr. */
const refused = (ended: Ended) => {
  const { error } = JSON.parse(ended.stdout) as Told
  expect(error.exit).toBe(ended.exit)
  expect(ended.stderr).toContain(`Code: ${error.code} (exit ${error.exit})`)
  expect(ended.stderr).toContain(`Error: ${error.message}`)
  return { exit: error.exit, code: error.code, details: error.details }
}

describe('aiming at guests', () => {
  it('takes globs of names and of pools, and a name once however often and however it is written', () => {
    expect(aimed('', 'site-?/?-vm1')).toEqual(['a-vm1', 'b-vm1'])
    expect(aimed('', 'site-b/b-vm3', '*-vm[!1245]', 'b-vm3', 'site-b/*3')).toEqual(['b-vm3', 'a-vm3', 'a-vm6', 'b-vm6'])
    expect(aimed('', 'b-vm2', 'a-vm1', 'b-vm2')).toEqual(['b-vm2', 'a-vm1'])
  })

  it('adds the lines of a file behind the names, and narrows both', () => {
    const ended = fed('pool-less\nsite-a/*2\n{"name":"b-vm6","pool":"site-b"}\nb-vm1\r\n', 'b-vm5 b-vm1 --ignore-missing --exclude b-vm1 -o csv --columns name --no-header')
    expect([ended.exit, lines(ended.stdout)]).toEqual([0, ['b-vm5', 'a-vm2', 'b-vm6']])
  })

  it('takes what lists print: names, and objects in lines', () => {
    const named = fed(farm.ok('vm list --pool site-a -o name'), '--expect 6 -o csv --columns name --no-header')
    const objects = fed(farm.ok('vm list --pool site-a -o jsonl --columns id,name'), '-o csv --columns name --no-header --expect 6')
    expect([named.exit, objects.exit]).toEqual([0, 0])
    expect(named.stdout).toBe(objects.stdout)
  })

  it('reads a hundred thousand lines, each once', () => {
    const file = join(farm.home, 'many')
    writeFileSync(file, Array.from({ length: 100_000 }, (_, at) => (at % 3 === 0 ? `a-vm${at}` : at % 3 === 1 ? `{"name":"b-vm${at % 7}"}` : `# ${at}`)).join('\n'))
    const all = farm.run(`vm start --dry-run --from ${file} -o json`)
    const { exit, code, details } = refused(all)
    expect([exit, code]).toEqual([3, 'not-found.vm'])
    expect(details!['missing']).toHaveLength(33_334 - 2 + 1) // a-vm3 and a-vm6 are there; b-vm0 is not
    expect(aimed(`--from ${file} --ignore-missing`)).toEqual(['b-vm1', 'a-vm3', 'b-vm4', 'a-vm6', 'b-vm3', 'b-vm6', 'b-vm2', 'b-vm5'])
  })

  it('names the line of a file that is none', () => {
    for (const [input, said] of [['a-vm1\n{"name":1}\n', 'line 2'], ['{"id":"x"', 'line 1'], ['a-vm1\n\n\u0000\n', 'line 3']]) {
      const ended = fed(input!, '-o json')
      expect(refused(ended)).toMatchObject({ exit: 2, code: 'usage.argument' })
      expect(ended.stderr, input).toContain(said)
    }
    expect(farm.run('vm start --from /no/such/file').exit).toBe(2)
  })

  it('judges each line by itself: a name in a JSON line is no pattern', () => {
    expect(refused(fed('{"name":"a-*"}\n{"name":"site-a/a-vm1"}\nb-vm9\n', '-o json')).details).toEqual({ missing: ['a-*', 'site-a/a-vm1', 'b-vm9'] })
  })

  it('takes an empty list for none, not for all', () => {
    expect(refused(fed('# nothing tonight\n', '-o json'))).toMatchObject({ exit: 3, code: 'not-found.match' })
    expect(refused(fed('', '--pool site-a -o json'))).toMatchObject({ exit: 3, code: 'not-found.match' })
    const empty = fed('', '--allow-empty -o json')
    expect([empty.exit, (JSON.parse(empty.stdout) as Report).total]).toEqual([0, 0])
  })

  it('lists every name that matches nothing, in every way to write one, before anything is done', () => {
    expect(refused(farm.run('vm start a-vm1 -o json', 'zz*', 'site-b/a-vm1', 'site-q/*', 'vm-00000000', '🦊')).details).toEqual({ missing: ['zz*', 'site-b/a-vm1', 'site-q/*', 'vm-00000000', '🦊'] })
    expect(farm.json<unknown[]>('run list')).toEqual([])
    expect(aimed('--ignore-missing', 'zz*', 'b-vm4', 'nope')).toEqual(['b-vm4'])
  })

  it('leaves out by name, id, glob and pool/glob', () => {
    const id = farm.ok('vm show b-vm6 -o csv --columns id --no-header').trim()
    expect(aimed(`--exclude b-vm5 --exclude ${id}`, '--exclude', 'site-a/*', '--exclude', '*[12]')).toEqual(['b-vm3', 'b-vm4'])
    expect(refused(farm.run('vm start -o json', '--exclude', 'site-?/*'))).toMatchObject({ exit: 3, code: 'not-found.match' })
  })

  it('narrows by several flags at once: any of one flag, all of several', () => {
    expect(aimed('--pool site-a --pool site-b', '--filter', 'name~[56]$', '--filter', 'pool!=site-a')).toEqual(['b-vm5', 'b-vm6'])
    expect(refused(farm.run('vm start --pool site-a --server ovs-a1 -o json'))).toMatchObject({ exit: 3, code: 'not-found.match' })
    for (const filter of ['bogus=1', 'name~[']) expect(refused(farm.run('vm start -o json', '--filter', filter)), filter).toMatchObject({ exit: 2 })
  })

  it('takes the id of a pool or server where its name is expected', () => {
    expect(aimed('--pool', farm.ok('pool show site-b -o csv --columns id --no-header').trim())).toHaveLength(6)
    expect(farm.run('server list -o name --pool', farm.ok('pool show site-a -o csv --columns id --no-header').trim()).stdout).toBe('ovs-a1\novs-a2\n')
  })

  it('checks the guards first, in every format', () => {
    expect(refused(farm.run('vm start --pool site-a --expect 5 -o json'))).toEqual({ exit: 5, code: 'guard.expect', details: { expected: 5, selected: 6 } })
    expect(refused(farm.run('vm start --all --max-targets 11 -o jsonl'))).toMatchObject({ exit: 5, code: 'guard.max-targets' })
    // 33 % of six are one, rounded down.
    expect(refused(farm.run('vm start a-vm1 b-vm1 b-vm2 --max-share 33% -o json'))).toMatchObject({ exit: 5, code: 'guard.max-share', details: { pools: [{ pool: 'site-b', selected: 2, allowed: 1 }] } })
    expect(aimed('a-vm1 b-vm1 --max-share 33% --expect 2 --max-targets 2')).toEqual(['a-vm1', 'b-vm1'])
    expect(farm.run('vm start --all --expect 1 -o csv')).toMatchObject({ exit: 5, stdout: '', stderr: expect.stringContaining('guard.expect') })
    for (const words of ['--expect -1', '--max-share 101%']) expect(farm.run(`vm start a-vm1 ${words}`).exit, words).toBe(2)
  })

  it('hides from a user what is not his, before it says anything else of it', () => {
    for (const words of ['a-vm1 --expect 9', '--all']) expect(farm.run(`vm start ${words} -u alice`).exit, words).toBe(3)
    expect(refused(farm.run('server start nowhere -u alice -o json'))).toMatchObject({ exit: 4, code: 'auth.denied' })
    expect(refused(farm.run('server start nowhere -u operator -o json'))).toMatchObject({ exit: 3, code: 'not-found.server' })
    expect(farm.run('vm start a-vm1 --dry-run', '--user=').exit).toBe(4)
  })

  it('takes global flags before the topic, after it and from the environment, and aliases', () => {
    const wanted = farm.ok('vm start a-vm1 --dry-run -o csv')
    expect(farm.ok('-o csv vm --user=operator poweron a-vm1 --dry-run')).toBe(wanted)
    expect(farm.runWith({ env: { OVMCLI_OUTPUT: 'csv', OVMCLI_USER: 'operator' } }, 'vm start a-vm1 --dry-run').stdout).toBe(wanted)
    expect(farm.run('--yes vm stop a-vm1').exit).toBe(2)
    expect(farm.run('vm start --dry-run -- a-vm1 --all').exit).toBe(3)
  })
})

describe('aiming at servers and farms', () => {
  const two = new Session('figure-9')

  it('aims at servers as at guests', () => {
    const aim = (...words: string[]) => lines(two.ok('server stop --dry-run -o csv --columns name --no-header', ...words))
    expect(aim('ovs-*2')).toEqual(['ovs-a2', 'ovs-b2'])
    expect(aim('site-b/ovs-b2', 'site-a/*', '--exclude', '*a1')).toEqual(['ovs-b2', 'ovs-a2'])
    expect(aim('--pool', 'site-b', '--filter', 'roles!=master')).toEqual(['ovs-b2'])
    expect(refused(two.run('server stop ovs-a9 -y -o json'))).toMatchObject({ exit: 3, code: 'not-found.server' })
    expect(refused(two.run('server stop --all -y --max-share 49% -o json'))).toMatchObject({ exit: 5, code: 'guard.max-share' })
    expect(two.run('server start ovs-a1 --all').exit).toBe(2)
    expect(two.json<unknown[]>('run list')).toEqual([])
  })

  it('always wants a confirmation to stop or restart a server or delete a farm, after it has found them', () => {
    for (const words of ['server stop ovs-a2', 'svr restart ovs-a2', 'sim delete figure-9']) expect(refused(two.run(`${words} -o json`)), words).toMatchObject({ exit: 5, code: 'guard.confirm' })
    expect(refused(two.run('sim delete figure-9 other -o json'))).toMatchObject({ exit: 3, code: 'farm.not-found', details: { missing: ['other'] } })
    expect(two.run('server start ovs-a2').exit).toBe(0)
  })

  it('refuses an unknown column before it changes anything', () => {
    expect(two.run('vm start a-vm1 -o csv --columns name,bogus')).toMatchObject({ exit: 2, stdout: '' })
    expect(two.json<Record<string, unknown>>('vm show a-vm1')['state']).toBe('powered-off')
    expect(two.run('sim delete figure-9 --yes --columns bogus').exit).toBe(2)
    expect(two.run('sim create other --preset figure-6 --columns bogus').exit).toBe(2)
    expect(two.ok('sim list -o name')).toBe('figure-9\n')
  })

  it('refuses a help topic that there is not, in words', () => {
    const ended = two.run('help nothing-of-the-kind')
    expect(ended.exit).toBe(2)
    expect(ended.stderr).not.toContain('    at ')
  })

  it('explains selecting in a help topic', () => {
    expect(two.run('help selecting')).toMatchObject({ exit: 0, stdout: expect.stringContaining('--from') })
  })
})

describe('the servers that guests are aimed at', () => {
  const pool = new Session('figure-7')

  it('starts guests on the server of --on, by name, pool/name or id, and says what is wrong with it', () => {
    const id = pool.ok('server show ovs2 -o csv --columns id --no-header').trim()
    for (const [vm, on] of [['vm1', 'ovs2'], ['vm2', 'pool1/ovs2'], ['vm3', id]]) pool.ok(`vm start ${vm} --on ${on}`)
    expect(pool.ok('vm list -o name --server ovs2')).toBe('vm1\nvm2\nvm3\n')
    expect(refused(pool.run('vm start vm4 --on ovs9 -o json'))).toMatchObject({ exit: 3, code: 'not-found.server' })
  })

  it('refuses to stop or restart a server while guests are there, moves them with --evacuate, drops them with --force', () => {
    for (const verb of ['stop', 'restart']) {
      const ended = pool.run(`server ${verb} ovs2 --yes -o json`)
      expect(ended.exit).toBe(5)
      expect((JSON.parse(ended.stdout) as Report).items[0]).toMatchObject({ result: 'failed', state: 'active', error: { code: 'server.guests', details: { guests: [{ name: 'vm1' }, { name: 'vm2' }, { name: 'vm3' }] } } })
    }
    expect(pool.run('server stop ovs2 --yes --evacuate --force').exit).toBe(2)
    expect(pool.ok('server stop ovs2 --yes --evacuate -o name')).toBe('ovs2\n')
    expect(pool.ok('vm list -o name --server ovs1')).toBe('vm1\nvm2\nvm3\n')
    expect(pool.json<Report>('server stop ovs2 --yes').items[0]).toMatchObject({ result: 'unchanged', job: null, state: 'off' })
    const off = pool.run('vm start vm4 --on ovs2 -o json')
    expect((JSON.parse(off.stdout) as Report).items[0]!.error).toMatchObject({ code: 'capacity.server', message: expect.stringContaining('ovs2 is off') })
    expect(pool.json<Report>('server start --all')).toMatchObject({ done: 1, unchanged: 1, elapsedSeconds: 180 })
    expect(pool.ok('server restart ovs1 --force -y -o name')).toBe('ovs1\n')
    expect(pool.ok('vm list -o name --state running')).toBe('')
  })

  it('lists the blockers of an evacuation that cannot be', () => {
    const lonely = new Session('figure-6', '--running')
    const { error } = lonely.json<Report>('server stop ovs1 --yes --evacuate').items[0]!
    expect(error).toMatchObject({ code: 'server.evacuation' })
    expect(error!.details).toMatchObject({ blockers: expect.arrayContaining([expect.objectContaining({ rule: 'shared-repository', fix: expect.any(String) })]) })
  })
})
