import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cell, csvCell, heading } from '../../src/cli/cells.js'
import { cutTo, displayWidth, fitting } from '../../src/cli/display-width.js'
import { plainLook, renderObject, renderRows, type Look } from '../../src/cli/render.js'
import { renderReport } from '../../src/cli/report-view.js'
import type { Report } from '../../src/contract/manager.js'

const look = (format: Look['format'], more: Partial<Look> = {}): Look => ({ ...plainLook(format), ...more })
const columns = ['name', 'state', 'memoryMiB', 'server']
const rows = [{ name: 'vm1', state: 'powered-off', memoryMiB: 4096, server: null }, { name: 'vm10', state: 'running', memoryMiB: 512, server: 'ovs1' }]

describe('output', () => {
  it('lays tables out without trailing blanks, sizes for people, states in words', async () => {
    expect(await renderRows('vm', rows, columns, look('table'))).toBe('NAME  STATE        MEMORY   SERVER\nvm1   Powered Off    4 GiB  -\nvm10  Running      512 MiB  ovs1\n')
    expect(await renderRows('vm', rows, ['name'], look('table', { header: false }))).toBe('vm1\nvm10\n')
  })

  it('heads an empty table and an empty csv alike, and an empty array is []', async () => {
    expect(await renderRows('vm', [], ['name', 'state'], look('table'))).toBe('NAME  STATE\n')
    expect(await renderRows('vm', [], ['name', 'state'], look('csv'))).toBe('name,state\n')
    expect(await renderRows('vm', [], ['name', 'state'], look('json'))).toBe('[]\n')
  })

  it('looks at each of two hundred thousand rows once', async () => {
    let looks = 0
    const many = Array.from({ length: 200_000 }, (_, at) => ({ state: 'running', memoryMiB: 1024, server: 'ovs1', get name() { looks++; return `vm${at}` } }))
    expect((await renderRows('vm', many, columns, look('table'))).split('\n')).toHaveLength(200_002)
    expect(looks).toBe(200_000)
  })

  it('cuts a text to the longest beginning that fits', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', '日', '\u0301', '😀', ' ') }), fc.nat(12), (text, width) => {
      const beginnings = Array.from(text, (_, at) => Array.from(text).slice(0, at + 1).join(''))
      expect(fitting(text, width)).toBe(beginnings.filter(each => displayWidth(each) <= width).at(-1) ?? '')
      expect(displayWidth(cutTo(text, width + 1))).toBeLessThanOrEqual(width + 1)
    }))
  })

  it('aligns wide and combining characters', async () => {
    expect([displayWidth('abc'), displayWidth('日本'), displayWidth('e\u0301')]).toEqual([3, 4, 1])
    expect(await renderRows(null, [{ a: '日本', b: 1 }, { a: 'x', b: 2 }], ['a', 'b'], look('table'))).toBe('A     B\n日本  1\nx     2\n')
  })

  it('never prints what steers a terminal', () => {
    expect(cell('a\u001b[31m\n\u202eb')).toBe('a\\x1b[31m\\x0a\\u202eb')
  })

  it('writes cells for people and for csv', () => {
    expect([cell(null), cell(true), cell(false), cell(['a', 'b']), cell({ env: 'prod' }), cell([]), cell([{ mac: 'm', bridge: null }])]).toEqual(['-', 'yes', 'no', 'a, b', 'env=prod', '-', 'mac=m bridge=-'])
    expect(['a,b', 'say "x"', 'two\nlines', null, 3].map(csvCell)).toEqual(['"a,b"', '"say ""x"""', '"two\nlines"', '', '3'])
    expect(['memoryFreeMiB', 'vncPort', 'name'].map(heading)).toEqual(['MEMORY FREE', 'VNC PORT', 'NAME'])
  })

  it('shows one object a field a line', async () => {
    expect(await renderObject('vm', rows[0]!, look('table'))).toBe('NAME    vm1\nSTATE   Powered Off\nMEMORY  4 GiB\nSERVER  -\n')
    expect(JSON.parse(await renderObject('vm', rows[0]!, look('json')))).toEqual(rows[0])
  })
})

describe('the report', () => {
  const fault = { code: 'vm.state', message: 'it is paused', hint: null, details: null } as const
  const of = (name: string, result: 'done' | 'failed') => ({ kind: 'vm', id: `vm-${name}`, name, pool: 'p', result, state: 'running', job: null, startedAt: null, seconds: null, error: result === 'failed' ? fault : null })
  const report: Report = {
    run: 'run-1', operation: 'vm.stop', farm: 'f', user: 'admin', total: 2, done: 1, unchanged: 0, failed: 1, unknown: 0, notAttempted: 0, accepted: 0, wouldDo: 0, wouldFail: 0,
    startedAt: '2010-07-28T00:00:00Z', endedAt: '2010-07-28T00:00:41Z', elapsedSeconds: 41.2, items: [of('a', 'done'), of('b', 'failed')],
  }

  it('as a table shows what did not work, and counts', async () => {
    const table = await renderReport(report, look('table'), false)
    expect(table).toContain('vm.state: it is paused')
    expect(table).not.toMatch(/^a /m)
    expect(table).toMatch(/2 targets: 1 done, 1 failed in 41\.2 s/)
    expect(await renderReport(report, look('table'), true)).toMatch(/^a /m)
  })

  it('as JSON is the report, whole', async () => {
    expect(JSON.parse(await renderReport(report, look('json'), false))).toEqual(report)
    const none = { ...report, total: 0, done: 0, failed: 0, items: [] }
    expect(JSON.parse(await renderReport(none, look('json'), false))).toEqual(none)
  })

  it('as jsonl and csv is its items, as names those done', async () => {
    expect((await renderReport(report, look('jsonl'), false)).trimEnd().split('\n').map(line => JSON.parse(line) as unknown)).toEqual(report.items)
    expect(await renderReport(report, look('name'), false)).toBe('a\n')
    expect((await renderReport({ ...report, items: [] }, look('csv'), false)).trim()).toBe('kind,id,name,pool,result,state,job,startedAt,seconds,error')
  })
})
