import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { csvRecords } from '../../src/cli/csv-text.js'
import { parseGuestFile, readGuestFile } from '../../src/cli/guest-file.js'
import { csvCell } from '../../src/cli/cells.js'
import { Refusal } from '../../src/model/errors.js'
import { guestFaults } from '../../src/model/guest-faults.js'
import { guestSpec, type GuestFields } from '../../src/model/guest-spec.js'
import { refusalOf } from '../refusal.js'

const folder = mkdtempSync(join(tmpdir(), 'ovmcli-guests-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const prod: GuestFields = { pool: 'prod', template: 'ol5' }
const read = (text: string, source = 'g.csv', defaults = prod) => parseGuestFile(text, source, defaults)
const refused = async (text: string, source = 'g.csv', defaults = prod) => refusalOf(read(text, source, defaults))

describe('a file of guests', () => {
  const wanted = [
    guestSpec({ ...prod, name: 'web1', vcpus: 2, memoryMiB: 4_096, ha: true, tags: { tier: 'web' }, nics: [{ bridge: 'xenbr0', mac: '00:16:3e:00:00:01' }, { bridge: 'xenbr1', mac: null }], preferredServers: ['ovs1', 'ovs2'], description: 'the "first", a\nlong one' }),
    guestSpec({ name: '08', pool: 'test', iso: 'ol5.iso', type: 'hvm', os: 'windows2003', start: true }),
  ]
  const files = {
    'g.csv': '\uFEFFname,pool,iso,type,os,start,vcpus,memoryMiB,ha,tag.tier,nics,preferredServers,description\r\nweb1,,,,,,2,4GiB,yes,web,"bridge=xenbr0,mac=00-16-3E-00-00-01|bridge=xenbr1",ovs1|ovs2,"the ""first"", a\nlong one"\r\n\r\n 08 , test,ol5.iso,hvm,windows2003,true\r\n',
    'g.yaml': '# two\n- name: web1\n  vcpus: 2\n  memoryMiB: 4GiB\n  ha: yes\n  owner: null\n  tags: {tier: web}\n  nics: [{bridge: xenbr0, mac: "00:16:3E:00:00:01"}, bridge=xenbr1]\n  preferredServers: [ovs1, ovs2]\n  description: "the \\"first\\", a\\nlong one"\n- {name: 08, pool: test, iso: ol5.iso, type: hvm, os: windows2003, start: true, group: ~}\n',
    'g.jsonl': '{"name":"web1","vcpus":2,"memoryMiB":4096,"ha":true,"tag.tier":"web","nics":"bridge=xenbr0;mac=00:16:3e:00:00:01|bridge=xenbr1","preferredServers":["ovs1","ovs2"],"description":"the \\"first\\", a\\nlong one","owner":null}\r\n\r\n{"name":"08","pool":"test","iso":"ol5.iso","type":"hvm","os":"windows2003","start":"yes"}',
  }

  it('means the same in csv, YAML, JSON and JSON lines, by its name or by how it begins', async () => {
    const json = `[${files['g.jsonl'].split('\r\n').filter(line => line !== '').join(',\n')}]`
    for (const [source, text] of Object.entries({ ...files, 'g.json': json, 'g.YML': files['g.yaml'], 'g.ndjson': files['g.jsonl'] })) expect(await read(text, source), source).toEqual(wanted)
    for (const [source, text] of Object.entries({ ...files, 'g.json': json })) expect(await read(text, '-'), `stdin: ${source}`).toEqual(wanted)
    for (const text of ['{\n  "name": "a"\n}', '---\nname: a', 'name: a', 'name\na', '[{"name":"a"}]', '- name: a', '-\n  name: a', '{"name":"a"}\n']) expect(await read(text, '/dev/fd/63'), text).toEqual([guestSpec({ ...prod, name: 'a' })])
  })

  it('takes from the flags what a row leaves out', async () => {
    const defaults: GuestFields = { pool: 'prod', template: 'ol5', vcpus: 4, tags: { tier: 'web', env: 'prod' }, ha: true }
    expect(await read('name,iso,vcpus,ha,tag.env\na,,,no,test\nb,x.iso,1,,\n', 'g.csv', defaults)).toEqual([
      guestSpec({ ...defaults, name: 'a', ha: false, tags: { tier: 'web', env: 'test' } }), guestSpec({ ...defaults, name: 'b', template: null, iso: 'x.iso', vcpus: 1 }),
    ])
  })

  it('has patterns for names, and YAML anchors for what many have in common', async () => {
    expect((await read('name\n"web{1..3}"\ndb{01..02}\n')).map(({ name }) => name)).toEqual(['web1', 'web2', 'web3', 'db01', 'db02'])
    expect(await read('- &small {name: a, vcpus: 1, tags: &t {k: v}}\n- {<<: *small, name: b}\n- {name: c, tags: *t}\n', 'g.yaml')).toEqual([{ name: 'a', vcpus: 1 }, { name: 'b', vcpus: 1 }, { name: 'c' }].map(fields => guestSpec({ ...prod, ...fields, tags: { k: 'v' } })))
    const many = `- &a {name: g0, vcpus: 2}\n${Array.from({ length: 2_000 }, (_, at) => `- {<<: *a, name: g${at + 1}}\n`).join('')}`
    expect(await read(many, 'g.yaml')).toHaveLength(2_001)
  })

  it('is refused with every fault by line and field, the first twenty told', async () => {
    const error = await refused('name,pool,vcpu,memoryMiB,vcpus,consolePassword\nweb1,,2,4GiB,2,\n-x,,,much,99,\nweb2,,,,,waytoolong1\nweb1,,,,,\na,b,c,d,e,f,g\n', 'guests.csv', { template: 'ol5' })
    expect(error).toMatchObject({ code: 'usage.argument', hint: 'did you mean vcpus?' })
    expect((error.details as { faults: { line: number; field: string | null }[] }).faults.map(({ line, field }) => `${line} ${field}`)).toEqual(['2 vcpu', '2 pool', '3 memoryMiB', '3 name', '3 pool', '3 vcpus', '4 pool', '4 consolePassword', '5 pool', '6 null', '5 name'])
    expect(error.message).toContain('--file: guests.csv line 2, vcpu is no field of a new guest; line 2, pool is missing; line 3, memoryMiB: "much" is no size in whole MiB')
    expect(JSON.stringify(error.fault)).not.toContain('waytoolong1')
    const many = await refused(`name\n${'-\n'.repeat(50)}`)
    expect(many).toMatchObject({ code: 'usage.name', details: { count: 50 } })
    expect((many.details as { faults: unknown[] }).faults).toHaveLength(20)
    expect(many.message).toMatch(/^--file: g\.csv line 2, name: "-" cannot be the name of a guest; line 3, .* \(and \d+ more\)$/)
    expect(many.message.length).toBeLessThan(1_000)
  })

  it('is told by guest where lines say nothing, by line in YAML', async () => {
    expect((await refused('[{"name":"a"},{"name":"b","vcpus":0}]', 'g.json')).message).toBe('--file: g.json guest 2, vcpus: 0 is not a whole number from 1 to 32')
    expect((await refused('- name: a\n\n# x\n- name: b\n  vcpus: none\n', 'g.yaml')).message).toBe('--file: g.yaml line 4, vcpus: "none" is no whole number')
    expect((await refused('{"name":"a","os":"win2003","type":"pv"}', '-')).fault).toMatchObject({ code: 'vm.os-mode', message: '--file: standard input line 1, os: Windows Server 2003 (windows2003) does not run in mode pv' })
    expect((await refused('name,os\na,widnows2003\n')).hint).toBe('did you mean windows2003?')
    expect((await refused('name\nweb{1..2}\nweb2\n')).message).toBe('--file: g.csv line 3, name: web2 is there more than once in pool prod (line 2)')
  })

  it('says what is wrong with a value, and with no field twice', async () => {
    const values: Record<string, string> = {
      '{"vcpus":1.5}': 'vcpus: 1.5 is no whole number', '{"vcpus":[2]}': 'vcpus: a list is no whole number', '{"memoryMiB":"1.3k"}': 'memoryMiB: "1.3k" is no size in whole MiB', '{"ha":"maybe"}': 'ha: "maybe" is neither true nor false', '{"name":{}}': 'name: an object is no text', '{"type":"HVM"}': 'type: "HVM" is none of pv, hvm',
      '{"tags":["a"]}': 'tags: a list is no list of tags', '{"tags":{"k":[]}}': 'tags: a list is no text', '{"tag.":"x"}': 'tags: "" cannot be the key of a tag', '{"nics":"xenbr0"}': 'nics: a network card has a bridge and a mac, and no "xenbr0"', '{"nics":[{"mac":"00:16:3e:00:00:01"}]}': 'nics: an object names no bridge',
      '{"nics":"bridge=a,bridge=b"}': 'nics: "bridge=a,bridge=b" says bridge twice', '{"nics":"bridge=a,mac=x"}': 'nics: "x" is no network address', '{"consolePassword":12345678}': 'consolePassword is no text', '{"__proto__":1}': '__proto__ is no field of a new guest', '{"constructor":1}': 'constructor is no field', '{"diskMiB":"x"}': 'diskMiB: "x" is no size',
      '{"name":"a{1..2"}': 'name: "a{1..2" has a { without its }', '{"preferredServers":[{}]}': 'preferredServers: an object is no text', '{"iso":"x","template":"y"}': 'iso goes not with template', '{"repo":"x"}': 'repo is no field of a new guest', '[]': 'line 1 is no object', '7': 'line 1 is no object', '{"name"': 'line 1 is not JSON',
    }
    for (const [text, what] of Object.entries(values)) {
      const named = text.startsWith('{"name') || !text.startsWith('{') ? text : text.replace('{', '{"name":"a",')
      const error = await refused(named, 'g.jsonl', text.includes('diskMiB') ? { pool: 'p' } : prod)
      expect(error.message, text).toContain(what)
      expect(error.details, text).toMatchObject({ count: 1 })
    }
  })

  it('that is no such file says what it is', async () => {
    const texts: [string, string, string][] = [
      ['g.csv', '', 'g.csv holds no guests (it was read as csv)'], ['g.csv', 'name,pool\n', 'holds no guests'], ['g.yaml', '# nothing\n', 'holds no guests'], ['g.yaml', '[]', 'holds no guests'], ['g.json', '[]', 'holds no guests'], ['g.json', '', 'is not JSON'], ['g.jsonl', '\n\n', 'holds no guests'],
      ['g.csv', 'name;pool\na;b\n', 'the cells are not apart by commas'], ['g.csv', 'name,name\n', 'the header names "name" twice'], ['g.csv', 'name,,pool\n', 'a column has no name'], ['g.csv', 'name\n"a\nb\n', 'line 2 opens a quote that is never closed'], ['g.csv', 'name,os\n"a"b,c\nd,e\n', 'line 2 goes on behind a closed quote'],
      ['g.csv', 'name\na"b\n', 'line 2 has a quote inside of a cell'], ['g.json', '[{"name":"a"},\n{"name":"b" 1}]', 'is not JSON in line 2'], ['g.json', '[}', 'is not JSON'], ['g.yaml', '- name: a\n  name: b\n', 'is not YAML: line 2 says a key twice'], ['g.yaml', '- !evil {name: a}\n', 'has a tag (!) that means nothing here'], ['g.yaml', '- {name: *gone}\n', 'a reference (*name) is to what is not there'],
      ['g.yaml', '- a\n---\n- b\n', 'begins a second document'], ['g.yaml', '- "a\n', 'is not YAML: line 2'], ['g.yaml', 'just words', 'line 1 is no object'], ['g.yaml', '- &a {name: *a}\n', 'line 1, name'], ['g.yaml', `- name: a\n#${'x'.repeat(4_194_304)}`, 'holds more than 4 MiB of YAML'],
    ]
    for (const [source, text, what] of texts) expect((await refused(text, source)).fault, text.slice(0, 40)).toMatchObject({ code: 'usage.argument', message: expect.stringContaining(what), hint: expect.any(String) })
  })

  it('bounds what YAML can blow up to', async () => {
    const laughs = `- &a0 {name: x}\n${Array.from({ length: 30 }, (_, at) => `- &a${at + 1} [${`*a${at},`.repeat(10)}]\n`).join('')}`
    expect((await refused(laughs, 'g.yaml')).message).toContain('far too much')
  })

  it('is read from disk: missing, binary, UTF-16, not UTF-8, endless', async () => {
    expect(await readGuestFile(file('ok.csv', 'name\nweb1\n'), prod)).toEqual([guestSpec({ ...prod, name: 'web1' })])
    const disk: [string, string | Uint8Array, string][] = [
      ['a.csv', Buffer.from('name\nweb1\n', 'utf16le'), 'is not a text'], ['b.csv', Buffer.from('\uFEFFname\n', 'utf16le'), 'is UTF-16'], ['c.xlsx', Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), 'is not a text'], ['d.csv', Buffer.from([110, 10, 0xe9, 10]), 'is not UTF-8 in line 2'],
    ]
    for (const [name, content, what] of disk) expect((await refusalOf(readGuestFile(file(name, content), prod))).message).toContain(what)
    expect((await refusalOf(readGuestFile('/nowhere/g.csv', prod))).message).toBe('--file: cannot read /nowhere/g.csv: no such file or directory (ENOENT)')
    expect((await refusalOf(readGuestFile('/dev/zero', prod))).message).toBe('--file: /dev/zero holds more than 64 MiB')
    expect((await refusalOf(readGuestFile('', prod))).message).toBe('--file wants a file')
  })

  it('holds a hundred thousand guests and no more', async () => {
    const rows = (count: number) => `name\n${Array.from({ length: count }, (_, at) => `vm${at}\n`).join('')}`
    expect(await read(rows(100_000))).toHaveLength(100_000)
    expect((await refused(rows(100_001))).message).toBe('--file: g.csv holds more than 100000 guests')
    expect((await refused('name\na{1..99999}\nb{1..2}\n')).message).toContain('holds more than 100000 guests')
  })

  it('gives for any text guests that are right, or refuses it, and never tells a password', async () => {
    const value = fc.oneof(fc.constantFrom('web1', 'hvm', '4GiB', 'true', 'ol5', 'a{1..3}', 'bridge=xenbr0', '"', '{', '- ', ': ', '*a', '&a', '\n', ',', '|', '\u0007'), fc.string({ unit: 'binary', maxLength: 6 }))
    const object = fc.dictionary(fc.constantFrom('name', 'pool', 'iso', 'vcpus', 'nics', 'tags', 'tag.k', 'os', 'type', 'ha', 'bogus', 'description'), fc.oneof(value, fc.jsonValue({ maxDepth: 2 })), { maxKeys: 4 })
    const secret = 'hunter2hunter2'
    const text = fc.oneof(fc.array(value, { maxLength: 8 }).map(parts => parts.join('')), fc.array(object, { maxLength: 3 }).map(rows => rows.map(row => JSON.stringify({ ...row, consolePassword: secret })).join('\n')), fc.array(object, { maxLength: 3 }).map(rows => rows.map(row => `- consolePassword: ${secret}\n  x: ${JSON.stringify(row)}`).join('\n')), fc.array(value, { maxLength: 8 }).map(parts => `name,vcpus\n${parts.join('')}`))
    await fc.assert(fc.asyncProperty(text, fc.constantFrom('g.csv', 'g.yaml', 'g.json', 'g.jsonl', '-'), async (written, source) => {
      try {
        for (const spec of await read(written, source)) expect(guestFaults(spec)).toEqual([])
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        // Read as csv a line of something else is a header, and its columns are named.
        if (['g.yaml', 'g.json', 'g.jsonl'].includes(source)) expect(JSON.stringify(error.fault)).not.toContain(secret)
      }
    }), { numRuns: 1_500 })
  })
})

describe('csv', () => {
  it('that was written as list prints it is read back, cell by cell', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', 'é', ';', '\t'), maxLength: 6 }).filter(text => text.trim() === text)
    fc.assert(fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 4 }), fc.constantFrom('\n', '\r\n'), (rows, end) => {
      const text = rows.map(row => row.map(csvCell).join(',')).join(end)
      let line = 1
      const wanted = rows.map(cells => {
        const record = { line, cells }
        line += 1 + cells.join('').split('\n').length - 1
        return record
      })
      expect([...csvRecords(text)]).toEqual(wanted)
    }), { numRuns: 1_000 })
  })

  it('ends on a megabyte of quotes, however they stand', () => {
    const long = 1_000_000
    const records = (text: string) => [...csvRecords(text)]
    // Taking the square of the length would take hours.
    for (const text of [`"${'""'.repeat(long)}`, `"${'a'.repeat(long)}`]) expect(records(text)).toEqual([{ line: 1, what: 'opens a quote that is never closed' }])
    expect(records(`"${'""'.repeat(long)}"`)).toEqual([{ line: 1, cells: ['"'.repeat(long)] }])
    expect(records(`${' '.repeat(long)}"`)).toMatchObject([{ line: 1, what: expect.any(String) }])
    expect(records('"a"b\n'.repeat(long / 4)).at(-1)).toEqual({ line: long / 4, what: 'goes on behind a closed quote' })
  })
})
