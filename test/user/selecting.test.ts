import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'

const farm = new Session('figure-8')
const aimed = (words: string, ...more: string[]) => farm.json<Report>(`vm start --dry-run ${words}`, ...more).items.map(item => item.name)
const fault = (words: string, ...more: string[]) => {
  const ended = farm.run(`${words} -o json`, ...more)
  return { exit: ended.exit, code: (JSON.parse(ended.stdout) as { error: { code: string; exit: number } }).error.code }
}

describe('selecting targets', () => {
  it('takes names, ids, pool/name and globs, each once, in the order given', () => {
    const id = String(farm.json('vm show vm4')['id'])
    expect(aimed('vm9 pool1/vm2', id, 'vm1*', 'vm9')).toEqual(['vm9', 'vm2', 'vm4', 'vm1', 'vm10'])
    expect(aimed('', 'pool2/vm*')).toEqual(['vm7', 'vm8', 'vm9', 'vm10'])
    expect(aimed('', 'vm[2-3]', 'vm?0')).toEqual(['vm2', 'vm3', 'vm10'])
  })

  it('narrows names, and selects by narrowing alone in list order', () => {
    expect(aimed('vm8 vm1 vm9 --pool pool2')).toEqual(['vm8', 'vm9'])
    expect(aimed('--pool pool1 --exclude vm2 --exclude vm5')).toEqual(['vm1', 'vm3', 'vm4', 'vm6'])
    expect(aimed('', '--filter', 'name~[13]$', '--filter', 'state=powered-off')).toEqual(['vm1', 'vm3'])
    expect(aimed('--all')).toHaveLength(10)
  })

  it('reads names from a stream: comments, CRLF, JSON lines', () => {
    const ended = farm.runWith({ input: '\uFEFF# tonight\r\nvm3\r\n\r\n{"name":"vm8","pool":"pool2"}\nvm3\n' }, 'vm start --dry-run --from - -o json')
    expect((JSON.parse(ended.stdout) as Report).items.map(item => item.name)).toEqual(['vm3', 'vm8'])
  })

  it('refuses what it cannot aim at, before anything is done', () => {
    expect(fault('vm start')).toEqual({ exit: 2, code: 'usage.nothing-selected' })
    expect(fault('vm start vm1 --all')).toEqual({ exit: 2, code: 'usage.argument' })
    expect(fault('vm start vm1 nope also-not')).toEqual({ exit: 3, code: 'not-found.vm' })
    expect(fault('vm start --pool nope')).toEqual({ exit: 3, code: 'not-found.match' })
    expect(farm.json<unknown[]>('run list')).toEqual([])
    expect(farm.run('vm start --pool nope --allow-empty').exit).toBe(0)
    expect(aimed('vm1 nope --ignore-missing')).toEqual(['vm1'])
  })

  it('guards the number of targets', () => {
    expect(fault('vm start --pool pool2 --expect 5')).toEqual({ exit: 5, code: 'guard.expect' })
    expect(fault('vm start --all --max-targets 9')).toEqual({ exit: 5, code: 'guard.max-targets' })
    expect(fault('vm start vm1 vm2 --max-share 20%')).toEqual({ exit: 5, code: 'guard.max-share' })
    expect(aimed('vm1 --max-share 20% --expect 1 --max-targets 1')).toEqual(['vm1'])
  })

  it('wants a confirmation for many, a glob or a narrowing, and none for one named guest', () => {
    expect(fault('vm stop vm1 vm2')).toEqual({ exit: 5, code: 'guard.confirm' })
    expect(fault('vm suspend', 'vm1*')).toEqual({ exit: 5, code: 'guard.confirm' })
    expect(fault('vm reboot --pool pool1')).toEqual({ exit: 5, code: 'guard.confirm' })
    expect(farm.run('vm stop vm1').exit).toBe(0)
    expect(farm.run('vm stop --all --yes').exit).toBe(0)
  })

  it('names the candidates of a plain name that is in two pools', () => {
    const two = new Session('figure-9')
    const ended = two.run('template show ol5u5-pv -o json')
    expect(ended.exit).toBe(2)
    expect(ended.stderr).toContain('site-a/ol5u5-pv')
    expect(two.json('template show site-b/ol5u5-pv')['pool']).toBe('site-b')
  })

  it('hides from a user what is not his, and lets an operator act', () => {
    expect(fault('vm start vm1 --user alice')).toEqual({ exit: 3, code: 'not-found.vm' })
    expect(farm.json<unknown[]>('vm list --user alice')).toEqual([])
    expect(farm.json<unknown[]>('server list --user alice')).toHaveLength(3)
    expect(farm.json<Report>('vm start vm1 --user operator')).toMatchObject({ user: 'operator', done: 1 })
    expect(fault('vm start vm1 --user mallory')).toEqual({ exit: 4, code: 'auth.unknown-user' })
  })
})
