import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { describe, expect, it } from 'vitest'
import { Session } from '../session.js'

type Data = Record<string, unknown>

describe('simulated farms', () => {
  it('says how to make one when there is none', () => {
    const empty = new Session()
    const ended = empty.run('vm list -o json')
    expect(ended.exit).toBe(3)
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'farm.none', exit: 3, hint: expect.stringContaining('sim create') } })
    expect(empty.json('sim list')).toEqual([])
  })

  it('makes every preset as the figures show', () => {
    const home = new Session()
    const counts = (preset: string, ...more: string[]) => { const { pools, servers, vms } = home.json(`sim create --preset ${preset}`, ...more); return [pools, servers, vms] }
    expect(counts('figure-6')).toEqual([1, 1, 4])
    expect(counts('figure-7')).toEqual([1, 2, 6])
    expect(counts('figure-8')).toEqual([2, 3, 10])
    expect(counts('figure-9')).toEqual([2, 4, 12])
    expect(counts('grid', '--pools', '3', '--servers', '2', '--guests', '7')).toEqual([3, 6, 21])
    expect(home.json<Data[]>('sim list').filter(farm => farm['current']).map(farm => farm['name'])).toEqual(['grid'])
    expect(home.ok('vm list -o name --limit 1')).toBe('vm01-0001\n')
    home.ok('sim use figure-6')
    expect(home.json('farm status')['farm']).toBe('figure-6')
    expect(home.json('farm status --farm figure-9')['farm']).toBe('figure-9')
  })

  it('refuses an existing name, an unknown preset, and deletion without a yes', () => {
    const home = new Session('figure-6')
    expect(home.run('sim create --preset figure-6').exit).toBe(5)
    expect(home.run('sim create --preset figure-6 --replace').exit).toBe(0)
    expect(home.run('sim create --preset figure-5').exit).toBe(2)
    expect(home.run('sim create bad/name --preset figure-6').exit).toBe(2)
    expect(home.run('sim delete figure-6').exit).toBe(5)
    expect(home.run('sim delete nope --yes').exit).toBe(3)
    expect(home.run('sim delete figure-6 --yes').exit).toBe(0)
    expect(home.run('vm list').exit).toBe(3)
  })

  it('lists and deletes farms beside one that it cannot read, which can go too, and knows none that is half made', () => {
    const home = new Session('figure-6')
    home.ok('sim create old --preset figure-6')
    const folder = (name: string) => join(home.home, 'ovm', 'farms', name)
    const db = new DatabaseSync(join(folder('old'), 'manager.db'))
    db.exec('pragma user_version = 1')
    db.close()
    cpSync(folder('figure-6'), folder('.making-new-1'), { recursive: true })
    expect(home.json<Data[]>('sim list').map(({ name, vms }) => [name, vms])).toEqual([['figure-6', 4], ['old', null]])
    expect(home.run('sim delete figure-6 --yes').exit).toBe(0)
    expect(home.run('sim create old --preset figure-6 --replace').exit).toBe(0)
    expect(home.json<Data[]>('sim list').map(({ name, vms }) => [name, vms])).toEqual([['old', 4]])
  })

  it('are replaced by those only who may delete them', () => {
    const home = new Session('figure-6')
    expect(home.run('sim create --preset figure-6 --replace --user alice').exit).toBe(4)
    expect(home.run('sim create --preset figure-6 --replace --user nobody').exit).toBe(4)
    expect(home.run('sim create other --preset figure-6 --user alice').exit).toBe(0)
  })

  it('says with exit 8 that a home cannot be one, and does not try for ever', () => {
    const home = new Session('figure-6')
    for (const OVMCLI_HOME of [join(home.home, 'ovm', 'current'), '/dev/null/x']) {
      for (const words of ['vm list', 'sim list', 'sim create --preset figure-6']) expect(home.runWith({ env: { OVMCLI_HOME } }, words).exit, `${OVMCLI_HOME} ${words}`).toBe(8)
    }
    expect(home.runWith({ env: { OVMCLI_HOME: '/proc/nowhere/x' } }, 'sim create --preset figure-6').exit).toBe(8)
    expect(home.runWith({ env: { OVMCLI_HOME: '/proc/nowhere/x' } }, 'vm list').exit).toBe(3)
  })

  it('gives the same bytes for the same seed and commands, in other processes', () => {
    const all = ['vm list', 'server list', 'job list', 'run list', 'event list', 'farm status', 'sim status']
    const tell = (seed: string, looks = all) => {
      const farm = new Session()
      farm.ok(`sim create --preset figure-8 --seed ${seed}`)
      farm.ok('vm start --all')
      farm.ok('vm migrate vm1 --to auto')
      farm.run('vm pause vm3 vm9 -o json')
      return looks.map(words => farm.ok(`${words} -o json`)).join('\n')
    }
    const told = tell('7')
    expect(tell('7')).toBe(told)
    expect(told).not.toContain(tell('8', ['vm list']))
  })

  it('keeps the clock still between commands, and moves it when told', () => {
    const farm = new Session('figure-6')
    expect(farm.json('sim clock')['now']).toBe('2010-07-28T00:00:00Z')
    farm.ok('vm start vm1')
    expect(farm.json('sim status')['time']).toBe('2010-07-28T00:00:30Z')
    expect(farm.json('sim clock --advance 90m')['now']).toBe('2010-07-28T01:30:30Z')
    expect(farm.json('sim clock --rate 60')).toMatchObject({ mode: 'rate', rate: 60 })
    expect(farm.json('sim clock --pause')).toMatchObject({ mode: 'standing' })
    expect(farm.run('sim clock --advance soon').exit).toBe(2)
  })

  it('refuses a farm that it cannot read by name, without a stack trace', () => {
    const farm = new Session('figure-6')
    const db = new DatabaseSync(join(farm.home, 'ovm', 'farms', 'figure-6', 'manager.db'))
    db.exec('pragma user_version = 1')
    db.close()
    const older = farm.run('vm list -o json')
    expect([older.exit, JSON.parse(older.stdout)]).toMatchObject([8, { error: { code: 'store.older' } }])
    mkdirSync(join(farm.home, 'ovm/farms/broken'), { recursive: true })
    for (const file of ['manager.db', 'world.db']) writeFileSync(join(farm.home, 'ovm/farms/broken', file), 'no database at all, and long enough to be looked at'.repeat(20))
    const ended = farm.run('vm list --farm broken -o json')
    expect(ended.exit).toBe(8)
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'store.corrupt' } })
    expect(ended.stderr).not.toMatch(/\n\s+at /)
  })

  it('suggests the near command and flag, with exit 2', () => {
    const farm = new Session('figure-6')
    expect(farm.run('vm strat vm1').stderr).toContain('vm start')
    expect(farm.run('serve list').exit).toBe(2)
    expect(farm.run('vm list --colums name -o json').exit).toBe(2)
    expect(JSON.parse(farm.run('vm list --nope -o json').stdout)).toMatchObject({ error: { code: 'usage.argument', exit: 2 } })
    expect(farm.run('vm start --help').stdout).toContain('EXAMPLES')
    expect(farm.ok('--version')).toMatch(/^ovmcli\/\d+\.\d+\.\d+ /)
  })
})
