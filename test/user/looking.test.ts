import { describe, expect, it } from 'vitest'
import { listFieldNames, recordFields, recordKinds } from '../../src/contract/fields.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>
const farm = new Session('figure-8')
farm.ok('vm start vm2 vm9')

describe('looking', () => {
  it('carries every field of the contract, in its order, in the JSON of every list and show', () => {
    for (const kind of recordKinds) {
      const rows = farm.json<Data[]>(`${kind} list`)
      // Presets hold none of these.
      if (['image', 'disk', 'group'].includes(kind)) { expect(rows, kind).toEqual([]); continue }
      expect(rows.length, kind).toBeGreaterThan(0)
      expect(Object.keys(rows[0]!), kind).toEqual(listFieldNames(kind))
      if (kind === 'run') continue
      const shown = farm.json(`${kind} show`, String(kind === 'template' || kind === 'iso' ? `${rows[0]!['pool']}/${rows[0]!['name']}` : (rows[0]!['id'] ?? rows[0]!['name'])))
      expect(Object.keys(shown), kind).toEqual(Object.keys(recordFields[kind]))
    }
  })

  it('sorts by pool and name, digits by value, and as --sort says', () => {
    expect(farm.ok('vm list -o name').split('\n')).toEqual(['vm1', 'vm2', 'vm3', 'vm4', 'vm5', 'vm6', 'vm7', 'vm8', 'vm9', 'vm10', ''])
    expect(farm.ok('vm list -o name --sort name:desc --limit 2')).toBe('vm10\nvm9\n')
    expect(farm.ok('vm list -o name --sort state,name:desc').split('\n').slice(0, 2)).toEqual(['vm10', 'vm8'])
  })

  it('filters by every operator, with units, null and alternatives', () => {
    const names = (...filters: string[]) => farm.ok('vm list -o name', ...filters.flatMap(filter => ['--filter', filter])).split('\n').filter(name => name !== '')
    expect(names('state=running')).toEqual(['vm2', 'vm9'])
    expect(names('state != running', 'pool = pool2')).toEqual(['vm7', 'vm8', 'vm10'])
    expect(names('memoryMiB>=4GiB')).toHaveLength(10)
    expect(names('memoryMiB<4096')).toEqual([])
    expect(names('name~^vm1')).toEqual(['vm1', 'vm10'])
    expect(names('name!~1', 'name = vm1|vm2|vm3')).toEqual(['vm2', 'vm3'])
    expect(names('server=')).toHaveLength(8)
    expect(names('server!=')).toEqual(['vm2', 'vm9'])
    expect(farm.ok('server list -o name --filter roles=master')).toBe('ovs1\novs3\n')
  })

  it('refuses unknown fields, bad numbers and bad expressions, naming what is allowed', () => {
    for (const filter of ['colour=red', 'vcpus>many', 'name', 'name~(']) {
      const ended = farm.run('vm list -o json', '--filter', filter)
      expect(ended.exit, filter).toBe(2)
      expect((JSON.parse(ended.stdout) as { error: Data }).error, filter).toMatchObject({ code: 'usage.filter', exit: 2 })
    }
    expect(farm.run('vm list --columns name,colour').stderr).toContain('memoryMiB')
    expect(farm.run('vm list --sort name:up').exit).toBe(2)
  })

  it('answers whatever the regular expression or the glob, be it one to think about for years, and says what it cannot have', () => {
    const own = new Session('figure-6')
    own.ok('vm update vm1 --tag tier=web --reason', `${'a'.repeat(60)}!`)
    expect(own.ok('run list -o name --filter reason~^(a+)+$')).toBe('')
    expect(own.ok('vm list -o name', '--filter', 'name~^(([a-z0-9-])+.)+$x')).toBe('')
    expect(own.ok('run list --columns reason -o jsonl --filter reason~^(a|aa)+!$')).toContain('aaaa!')
    expect(own.run(`vm start ${'*v'.repeat(500)}*x --dry-run`).exit).toBe(3)
    expect(own.json<{ total: number }>(`vm start vm* --exclude ${'*v'.repeat(500)}*x --dry-run`).total).toBe(4)
    for (const [pattern, words] of [['(a{1000}){1000}', 'is too big'], ['^(?=a)', 'look-ahead'], ['(a)\\1', 'invalid escape']] as const) {
      const { error } = own.json<{ error: { code: string; message: string; hint: string } }>(`vm list --filter name~${pattern}`)
      expect(error, pattern).toMatchObject({ code: 'usage.filter', exit: 2 })
      expect(`${error.message} ${error.hint}`).toContain(words)
      expect(error.message).toContain(JSON.stringify(pattern))
    }
  })

  it('knows no field by the name of what every object has', () => {
    for (const words of ['--columns constructor', '--sort toString', '--filter hasOwnProperty=1', '--filter constructor~x', '-o csv --columns valueOf']) {
      expect(farm.json<{ error: { code: string } }>(`vm list ${words}`.replace('-o csv ', '')).error.code, words).toBe('usage.filter')
    }
  })

  it('prints tables, csv, jsonl, yaml and names', () => {
    expect(farm.ok('vm list --columns name,state,server --limit 2')).toBe('NAME  STATE        SERVER\nvm1   Powered Off  -\nvm2   Running      ovs1\n')
    expect(farm.ok('vm list --columns name,server -o csv --limit 2')).toBe('name,server\nvm1,\nvm2,ovs1\n')
    expect(farm.ok('vm list --columns name -o jsonl --limit 2')).toBe('{"name":"vm1"}\n{"name":"vm2"}\n')
    expect(farm.ok('vm list --columns name,ha -o yaml --limit 1')).toBe('- name: vm1\n  ha: false\n')
    expect(farm.ok('vm list --no-header --columns name --limit 1')).toBe('vm1\n')
    expect(farm.json('vm list --state paused')).toEqual([])
  })

  it('draws the pools, and gives the same as data', () => {
    const drawing = farm.ok('farm topology')
    for (const part of ['pool pool1', 'pool pool2', 'server ovs3', 'roles: master, utility, vm', 'vm9  Running', 'local storage']) expect(drawing).toContain(part)
    expect(farm.json<{ pools: unknown[] }>('farm topology').pools).toHaveLength(2)
  })

  it('shows one as an object, several as an array, and says what is missing', () => {
    expect(farm.json('vm show vm1')).toMatchObject({ name: 'vm1', nics: [{ bridge: 'xenbr0' }] })
    expect(farm.json<Data[]>('vm show vm2 vm1').map(vm => vm['name'])).toEqual(['vm2', 'vm1'])
    expect(farm.run('server show ovs9').exit).toBe(3)
    expect(farm.run('vm show').exit).toBe(2)
  })

  it('understands aliases and global flags before the topic', () => {
    expect(farm.ok('-o name svr ls')).toBe('ovs1\novs2\novs3\n')
    expect(farm.ok('--output=name svrp list')).toBe('pool1\npool2\n')
    expect(JSON.parse(farm.ok('--json vm info vm1'))).toMatchObject({ name: 'vm1' })
    expect(farm.json<unknown[]>('tmpl ls')).toHaveLength(2)
  })

  it('names nothing with -o name where there is nothing of a name', () => {
    expect(farm.ok('sim clock -o name')).toBe('')
    expect(farm.ok('farm status -o name')).toBe('figure-8\n')
  })

  it('tells events and jobs of what was done', () => {
    expect(farm.json<Data[]>('event list --filter kind=vm.start').map(event => event['subject'])).toEqual(['vm2', 'vm9'])
    expect(farm.json<Data[]>('job list')[0]).toMatchObject({ operation: 'vm.start', subject: 'vm2', state: 'succeeded', progress: 100 })
    expect(farm.json<Data[]>('run list')[0]).toMatchObject({ operation: 'vm.start', total: 2, done: 2, state: 'finished' })
  })
})
