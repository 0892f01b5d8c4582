import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Session } from '../session.js'

type Check = { check: string; result: string; message: string; hint: string | null }

describe('whoami and can-i', () => {
  it('tell who acts on which farm, in every format, and refuse who may not log in', () => {
    const farm = new Session('figure-8')
    expect(farm.json('whoami --user operator')).toEqual({ user: 'operator', role: 'manager', state: 'active', email: null, groups: [], pools: ['pool1', 'pool2'], farm: 'figure-8', simulated: true, home: join(farm.home, 'ovm') })
    expect(farm.runWith({ env: { OVMCLI_USER: 'alice' } }, 'whoami -o name').stdout).toBe('alice\n')
    expect(farm.ok('whoami -o csv --columns user,role')).toBe('user,role\nadmin,administrator\n')
    expect(farm.ok('whoami')).toMatch(/^USER +admin\nROLE +administrator\n/)
    expect(farm.run('whoami --user nobody').exit).toBe(4)
  })

  it('answer yes with 0, no with 4, what is not there with 3, and what makes no sense with 2', () => {
    const farm = new Session('figure-8')
    const asked = (words: string) => { const { stdout, exit } = farm.run(words); return [exit, stdout] }
    expect(asked('can-i start vm vm1')).toEqual([0, 'yes: an administrator reaches all guests\n'])
    expect(asked('can-i vm poweroff pool1/vm1 -o name')).toEqual([0, 'yes\n'])
    expect(asked('can-i stop server ovs1 --user alice')).toEqual([4, 'no: alice (user) may not use server stop\n'])
    expect(farm.json('can-i stop svr --user operator')).toEqual({ allowed: true, verb: 'stop', topic: 'server', name: null, user: 'operator', role: 'manager', farm: 'figure-8', permission: 'server.stop', reach: 'granted', target: null, reason: 'a manager reaches the servers of the pools granted to him (pool1, pool2)', hint: null })
    expect(asked('can-i start vm vm1 --user alice')).toEqual([3, ''])
    expect(asked('can-i start vm vm1 --user nobody')[0]).toBe(4)
    expect(farm.run('can-i strat vm').stderr).toContain('did you mean: ovmcli can-i start vm')
    expect(asked("can-i start vm vm*")[0]).toBe(2)
    expect(asked('can-i clear sim fault fault-1')[0]).toBe(2)
    expect(farm.json('can-i delete sim figure-8 --user operator')).toMatchObject({ allowed: false, reason: 'operator (manager) may not manage the farm', role: 'manager' })
    expect(asked('can-i use sim figure-9')[0]).toBe(3)
    expect(farm.json('can-i create sim other --user alice')).toMatchObject({ allowed: true, role: null })
    expect(farm.json('can-i create sim figure-8 --user alice')).toMatchObject({ allowed: false, role: 'user' })
  })
})

describe('where there is no farm', () => {
  it('the program alone says how to make one and what to try, and its words do that; doctor says it too', () => {
    const empty = new Session()
    const overview = empty.ok('')
    expect(overview).toContain('COMMANDS')
    const words = overview.split('\n').filter(line => line.startsWith('  ovmcli ') && !line.includes('TOPIC') && !line.startsWith('  ovmcli help ')).map(line => line.slice('  ovmcli '.length))
    expect(words).toHaveLength(3)
    const checked = empty.run('doctor -o json')
    expect(checked.exit).toBe(0)
    expect((JSON.parse(checked.stdout) as Check[]).find(check => check.check === 'current farm')).toMatchObject({ result: 'warning', hint: expect.stringContaining(words[0]!) })
    expect(empty.run('whoami').exit).toBe(3)
    for (const line of words) empty.ok(line)
    expect(empty.ok('')).not.toContain('sim create --preset')
  })
})

describe('doctor', () => {
  it('ends with 8 and says where the fault is, even when it is in its own settings', () => {
    const farm = new Session('figure-6')
    expect(farm.run('doctor -o name').stdout).toMatch(/^node\nbuild\n/)
    const config = join(farm.home, 'ovm', 'config')
    mkdirSync(config)
    writeFileSync(join(config, 'config.yaml'), 'outptu: json')
    writeFileSync(join(farm.home, 'ovm', 'farms', 'figure-6', 'manager.db'), 'no database at all'.repeat(500))
    const { exit, stdout, stderr } = farm.runWith({ env: { OVMCLI_QUEIT: '1' } }, 'doctor --farm nope -o json')
    expect([exit, stderr]).toEqual([8, ''])
    // The exit is that of the whole, whatever is shown of it.
    const some = farm.run('doctor --no-header --columns check,result --filter', 'check~node')
    expect([some.exit, some.stdout]).toEqual([8, 'node  ok\n'])
    const faults = (JSON.parse(stdout) as Check[]).filter(check => check.result !== 'ok' && !['home', 'configuration', 'locale'].includes(check.check))
    expect(faults.map(({ check, result }) => [check, result])).toEqual([['settings', 'error'], ['current farm', 'error'], ['farm figure-6', 'error'], ['environment', 'warning']])
    expect(faults.map(check => check.hint).join('\n')).toMatch(/output[^]*backup[^]*OVMCLI_QUIET/)
  })

  it('works without a home, a terminal or a way to read the home', () => {
    const farm = new Session()
    for (const OVMCLI_HOME of ['/dev/null/x', '/proc/nowhere']) {
      const { exit, stdout, stderr } = farm.runWith({ env: { OVMCLI_HOME, TERM: 'dumb' } }, 'doctor -o csv --columns check,result')
      expect([exit, stderr], OVMCLI_HOME).toEqual([8, ''])
      expect(stdout).toMatch(/^check,result\nnode,ok\n/)
    }
  })
})
