import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fieldsOf, kindsWord, recordKinds, type Field, type RecordData, type RecordKind } from '../../src/contract/fields.js'
import { listFields } from '../../src/contract/list-fields.js'
import type { Manager } from '../../src/contract/manager.js'
import { noNarrowing } from '../../src/contract/requests.js'
import { selectRows } from '../../src/contract/select-rows.js'
import { openKeeper } from '../../src/embedded/keeper.js'
import { openManager } from '../../src/embedded/open.js'
import { Refusal } from '../../src/model/errors.js'
import { refusalOf } from '../refusal.js'
import { Session } from '../session.js'

const fields = {
  name: { type: 'text', column: 'short' }, memoryMiB: { type: 'integer', unit: 'MiB', column: 'short' }, load: { type: 'number', nullable: true, column: 'short' },
  ha: { type: 'boolean', column: 'short' }, at: { type: 'time', nullable: true, column: 'short' }, roles: { type: 'list', column: 'short' }, tags: { type: 'tags', column: 'none' },
} as const satisfies Record<string, Field>
const rows = [
  { name: 'ovs10', memoryMiB: 8_192, load: 0.5, ha: true, at: '2010-07-28T00:00:00Z', roles: ['master', 'vm'], tags: { tier: 'web' } },
  { name: 'ovs9', memoryMiB: 4_096, load: null, ha: false, at: null, roles: ['vm'], tags: {} },
  { name: 'ovs1', memoryMiB: 4_096, load: -2, ha: true, at: '2010-07-28T00:00:00.250Z', roles: [], tags: { tier: 'db', 'a.b': 'x' } },
]

describe('rows in memory', () => {
  const names = async (...filters: string[]) => (await selectRows(fields, rows, { filters })).map(row => row.name)

  it('are filtered by every operator, with units, null, alternatives, lists and tags', async () => {
    expect(await names('memoryMiB=4GiB')).toEqual(['ovs9', 'ovs1'])
    expect(await names('memoryMiB>4GiB', 'ha=yes')).toEqual(['ovs10'])
    expect(await names('load=')).toEqual(['ovs9'])
    expect(await names('load!=')).toEqual(['ovs10', 'ovs1'])
    expect(await names('load<0.5')).toEqual(['ovs1'])
    expect(await names('load!=0.5')).toEqual(['ovs9', 'ovs1'])
    expect(await names('at>2010-07-28T00:00:00Z')).toEqual(['ovs1'])
    expect(await names('at~:00Z$')).toEqual(['ovs10'])
    expect(await names('name=ovs1|ovs9')).toEqual(['ovs9', 'ovs1'])
    expect(await names('name="ovs1|ovs9"')).toEqual([])
    expect(await names('ha~^true$')).toEqual(['ovs10', 'ovs1'])
    expect(await names('roles=vm')).toEqual(['ovs10', 'ovs9'])
    expect(await names('roles~^mas')).toEqual(['ovs10'])
    expect(await names('roles!~^mas')).toEqual(['ovs9', 'ovs1'])
    expect(await names('roles=')).toEqual(['ovs1'])
    expect(await names('tags.tier=web|db')).toEqual(['ovs10', 'ovs1'])
    expect(await names('tags.a.b=x')).toEqual(['ovs1'])
    expect(await names('tags.tier!=web')).toEqual(['ovs9', 'ovs1'])
    expect(await names('tags.constructor=')).toEqual(['ovs10', 'ovs9', 'ovs1'])
    expect(await names('tags=')).toEqual(['ovs9'])
  })

  it('are sorted by digits, nulls last, what is equal as it was; cut, and left out by glob', async () => {
    const sorted = async (sort: string, limit: number | null = null, exclude: string[] = []) => (await selectRows(fields, rows, { sort, limit, exclude })).map(row => row.name)
    expect(await sorted('name')).toEqual(['ovs1', 'ovs9', 'ovs10'])
    expect(await sorted('name:desc', 2)).toEqual(['ovs10', 'ovs9'])
    expect(await sorted('load')).toEqual(['ovs1', 'ovs10', 'ovs9'])
    expect(await sorted('load:desc')).toEqual(['ovs10', 'ovs1', 'ovs9'])
    expect(await sorted('memoryMiB')).toEqual(['ovs9', 'ovs1', 'ovs10'])
    expect(await sorted('ha:desc,name:asc')).toEqual(['ovs1', 'ovs10', 'ovs9'])
    expect(await sorted('at', 0)).toEqual([])
    expect(await sorted('name', null, ['ovs1*', 'x'])).toEqual(['ovs9'])
    expect((await selectRows(fields, rows, {})).map(row => row.name)).toEqual(['ovs10', 'ovs9', 'ovs1'])
  })

  it('are refused what they have no answer to, naming what is allowed', async () => {
    for (const [asked, words] of [
      [{ filters: ['colour=red'] }, 'servers have no field "colour"'], [{ filters: ['name.x=1'] }, 'name.x'], [{ filters: ['constructor=1'] }, 'constructor'], [{ filters: ['memoryMiB>much'] }, '4GiB'],
      [{ filters: ['load=x'] }, 'not a number'], [{ filters: ['ha=perhaps'] }, 'true or false'], [{ filters: ['at>now'] }, '2010-07-28T00:00:00Z'], [{ filters: ['roles<vm'] }, 'only = != ~ !~'],
      [{ filters: ['tags=web'] }, 'tags'], [{ filters: ['load>'] }, 'wants a value'], [{ filters: ['name'] }, 'is not a filter'], [{ filters: ['name~('] }, 'regular expression'],
      [{ sort: 'name:up' }, 'cannot sort servers'], [{ sort: 'toString' }, 'cannot sort'], [{ sort: 'name,' }, 'cannot sort'], [{ filters: Array.from({ length: 65 }, () => 'ha=true') }, '65 filters'],
    ] as const) {
      const refused = await refusalOf(selectRows(fields, rows, { what: 'servers', ...asked }))
      expect(refused, words).toMatchObject({ code: 'usage.filter', exit: 2 })
      expect(`${refused.message} ${refused.hint}`).toContain(words)
    }
    expect((await refusalOf(selectRows(fields, rows, { filters: ['colour=red'] }))).hint).toBe('fields: name memoryMiB load ha at roles tags')
  })
})

describe('the two ways to ask for rows', () => {
  let farm: Session
  let manager: Manager
  const all = new Map<RecordKind, RecordData[]>()

  beforeAll(async () => {
    farm = new Session('figure-9', '--running', '--ha')
    farm.ok('vm update a-vm1 a-vm2 --tag tier=web --tag note=10 --yes')
    farm.ok('vm update b-vm1 --tag tier=db')
    farm.ok('vm stop a-vm1 a-vm3 b-vm2 --yes')
    farm.run('vm start --all --yes --reason nightly')
    farm.run('vm migrate a-vm2 --to ovs-b1')
    manager = await openManager({ home: join(farm.home, 'ovm'), farm: null })
    for (const kind of recordKinds) all.set(kind, await byManager(kind, {}))
  })
  afterAll(() => manager.close())

  interface Asked { filters?: string[]; sort?: string | null; limit?: number | null; exclude?: string[] }

  async function byManager(kind: RecordKind, { filters = [], sort = null, limit = null, exclude = [] }: Asked): Promise<RecordData[]> {
    const page = await manager.list({ principal: { user: 'admin' }, kind, narrowing: { ...noNarrowing, filters, exclude }, columns: Object.keys(fieldsOf(kind)), sort, limit, cursor: null })
    return JSON.parse(page.json) as RecordData[]
  }

  /** Rows, or how they were refused. */
  async function outcome(work: Promise<RecordData[]>): Promise<unknown> {
    try {
      return await work
    } catch (error) {
      if (error instanceof Refusal) return error.fault
      throw error
    }
  }

  /** Values as somebody might write them for a field: those there are, parts of them, and others. */
  function valuesOf(kind: RecordKind, name: string): fc.Arbitrary<string> {
    const there = all.get(kind)!.flatMap(row => [row[name]].flat()).flatMap(value => (value === null || value === undefined ? [] : [typeof value === 'object' ? JSON.stringify(value) : String(value)]))
    const some = there.length === 0 ? [] : [fc.constantFrom(...there), fc.constantFrom(...there).map(text => text.slice(0, 4)), fc.tuple(fc.constantFrom(...there), fc.constantFrom(...there)).map(two => two.join('|'))]
    return fc.oneof(...some, ...some, fc.constantFrom('', '1', '2GiB', 'true', 'no', 'x', '2010-07-28', '[]', '{}', 'é', '"a|b"', '4096', '0.5', 'null'))
  }

  const patterns = fc.constantFrom('^a', '1', '[13]$', '.', '', 'vm|ovs', '\\d{2}', '^true$', '^2010-07', '(?i)VM', '^$', ':00Z$', '"', 'Running|running', '[', '(?=x)')

  function asked(kind: RecordKind): fc.Arbitrary<Asked> {
    const named = Object.keys(fieldsOf(kind))
    const field = fc.constantFrom(...named, ...(fieldsOf(kind)['tags'] ? ['tags.tier', 'tags.note', 'tags.none'] : []))
    const filter = field.chain(name => fc.oneof(
      { weight: 3, arbitrary: fc.tuple(fc.constantFrom('=', '!='), valuesOf(kind, name)).map(([operator, value]) => `${name}${operator}${value}`) },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom('<', '<=', '>', '>='), valuesOf(kind, name)).map(([operator, value]) => `${name} ${operator} ${value}`) },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom('~', '!~'), patterns).map(([operator, value]) => `${name}${operator}${value}`) },
    ))
    const sort = fc.array(fc.tuple(fc.constantFrom(...named), fc.constantFrom('', ':asc', ':desc')).map(parts => parts.join('')), { maxLength: 3 }).map(parts => (parts.length === 0 ? null : parts.join(',')))
    return fc.record({ filters: fc.array(filter, { maxLength: 3 }), sort, limit: fc.option(fc.nat(12)), // Repositories have no names: the manager alone knows what they are called instead.
      exclude: kind === 'repo' ? fc.constant([]) : fc.array(fc.constantFrom('*1', 'a-*', 'b-vm[1-3]', 'ovs-a1', 'site-a/*', 'site-?/*2', 'pool*', '*[z-a]'), { maxLength: 2 }) })
  }

  it('ask every field alike: whether it is there, what it looks like, and how it sorts', async () => {
    for (const kind of recordKinds) {
      for (const name of Object.keys(fieldsOf(kind))) {
        for (const request of [{ filters: [`${name}=`] }, { filters: [`${name}!=`] }, { filters: [`${name}~^.*e`] }, { filters: [`${name}!~[1-5]`] }, { sort: name }, { sort: `${name}:desc` }] satisfies Asked[]) {
          expect(await selectRows(fieldsOf(kind), all.get(kind)!, request), `${kind} ${JSON.stringify(request)}`).toEqual(await byManager(kind, request))
        }
      }
    }
  })

  it('give the same rows in the same order, or the same refusal, of every kind of record', async () => {
    let kept = 0
    await fc.assert(fc.asyncProperty(fc.constantFrom(...recordKinds).chain(kind => fc.tuple(fc.constant(kind), asked(kind))), async ([kind, request]) => {
      const memory = await outcome(selectRows(fieldsOf(kind), all.get(kind)!, { ...request, what: kindsWord(kind) }))
      expect(memory).toEqual(await outcome(byManager(kind, request)))
      if (Array.isArray(memory) && memory.length > 0) kept++
    }), { numRuns: 1_500 })
    expect(kept).toBeGreaterThan(200)
  })

  it('have a field for whatever lists of farms, presets and faults hold, in the order they hold it', async () => {
    const keeper = openKeeper(join(farm.home, 'ovm'))
    await keeper.addFault({ user: 'admin' }, { farm: null, kind: 'agent-down', subject: 'ovs-b2', at: null, afterMs: 3_600_000, forMs: null, probability: null, count: null })
    const [farms, presets, faults] = [await keeper.list(), keeper.presets(), await keeper.listFaults(null)]
    expect(farms.map(row => Object.keys(row))).toEqual([Object.keys(listFields.farm)])
    for (const row of presets) expect(Object.keys(row)).toEqual(Object.keys(listFields.preset))
    expect(faults.map(row => Object.keys(row))).toEqual([Object.keys(listFields.fault)])
    expect(await selectRows(listFields.farm, farms, { filters: ['current=true', 'pools=2', 'vms>=12'] })).toEqual(farms)
    expect((await selectRows(listFields.preset, presets, { filters: ['name~^figure'], sort: 'name:desc', limit: 1 })).map(preset => preset.name)).toEqual(['figure-9'])
    expect(await selectRows(listFields.fault, faults, { filters: ['state=waiting', 'until=', 'at>2010-07-28'] })).toEqual(faults)
  })

  it('stop asking a pattern that takes too long', async () => {
    let seconds = 0
    vi.spyOn(Date, 'now').mockImplementation(() => seconds++ * 1_000)
    try {
      for (const work of [selectRows(fieldsOf('vm'), all.get('vm')!, { filters: ['name~^(a+)+$'] }), byManager('vm', { filters: ['name~^(a+)+$'] })]) {
        expect(await outcome(work)).toMatchObject({ code: 'usage.filter', message: expect.stringContaining('takes more than 10 s') as string })
      }
    } finally {
      vi.restoreAllMocks()
    }
    expect(await byManager('vm', { filters: ['name~^a-vm[12]$'] })).toHaveLength(2)
  })

  it('take as many values and names as a command line holds, and no more', async () => {
    const guests = all.get('vm')!
    const many = `name=${Array.from({ length: 800 }, (_, at) => `v${at}`).join('|')}|${guests[0]!['name'] as string}`
    expect(await byManager('vm', { filters: Array.from({ length: 64 }, () => many) })).toEqual([guests[0]])
    expect(await byManager('vm', { exclude: Array.from({ length: 2_000 }, (_, at) => `x*${at}`) })).toEqual(guests)
    expect(await byManager('vm', { sort: Array.from({ length: 500 }, () => 'name').join(',') })).toHaveLength(guests.length)
    expect(await outcome(byManager('vm', { filters: Array.from({ length: 65 }, () => 'ha=true') }))).toMatchObject({ code: 'usage.filter' })
    expect(await outcome(byManager('vm', { exclude: Array.from({ length: 2_001 }, () => 'x') }))).toMatchObject({ code: 'usage.request' })
  })
})
