import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { parseTargets, readTargets } from '../../src/cli/from-file.js'
import { Refusal } from '../../src/model/errors.js'
import { refusal } from '../refusal.js'

const folder = mkdtempSync(join(tmpdir(), 'ovmcli-from-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(content: string | Uint8Array): string {
  const path = join(folder, 'targets')
  writeFileSync(path, content)
  return path
}

/** What readTargets('-') gives to a shell command that feeds or closes its standard input (`$READ` is the reader). */
function fromShell(command: string): { stdout: string; status: number | null } {
  const script = join(folder, 'read.mts')
  writeFileSync(script, `import { readTargets } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../src/cli/from-file.ts')).href)}
try { console.log(JSON.stringify(readTargets('-'))) } catch (error) { console.log(error.code + ': ' + error.message) }`)
  return spawnSync('bash', ['-c', command], { encoding: 'utf8', env: { ...process.env, READ: `${process.execPath} --import ${pathToFileURL(join(import.meta.dirname, '../../node_modules/tsx/dist/loader.mjs')).href} ${script}` } })
}

describe('--from', () => {
  it('reads one target a line, in order, whatever the line ends', () => {
    expect(parseTargets('\uFEFFweb1\r\n# no\r\n\r\n  prod/web2  \n\tweb*\t\n\t# no\n[ab]1\nnull\n42', 'f')).toEqual(['web1', 'prod/web2', 'web*', '[ab]1', 'null', '42'])
    expect([parseTargets('', 'f'), parseTargets('\uFEFF', 'f'), parseTargets('\n\r\n# a', 'f')]).toEqual([[], [], []])
  })

  it('takes JSON lines literally: an id, or a name and its pool; what else they hold does not matter', () => {
    const lines = ['{"name":"a*"}', '{"name":"vm-1","pool":"p"}', '{"id":"vm-1","name":"a","pool":5}', ' { "name" : "b/c" , "pool" : null, "tags":{"x":[1]} } ']
    expect(parseTargets(lines.join('\r\n'), 'f')).toEqual([{ name: 'a*', pool: null }, { name: 'vm-1', pool: 'p' }, { id: 'vm-1' }, { name: 'b/c', pool: null }])
  })

  it('refuses a bad line by its number, and says what is wrong with it', () => {
    const bad = {
      '{': 'is not JSON', '{"name":"a"},': 'is not JSON', '"a': 'is not JSON', '[': 'is not JSON', ']': 'is not JSON', '["a"]': 'is JSON, but no object', '[]': 'is JSON, but no object', '"a"': 'is JSON, but no object',
      '{}': 'has neither a name nor an id', '{"nam":"a"}': 'has neither', '{"id":null,"name":"a"}': 'has an id that is no text', '{"id":""}': 'has an id', '{"id":["a"]}': 'has an id', '{"name":7}': 'has a name that is no text', '{"name":{"a":1}}': 'has a name',
      '{"name":"a\\u0000"}': 'has a name', '{"name":"\\ud800"}': 'has a name', '{"name":"a","pool":""}': 'has a pool that is no text', '{"name":"a","pool":true}': 'has a pool',
      'a\u0007b': 'holds what is not text', 'a\u0000': 'holds', 'a\tb': 'holds', 'a\rb': 'holds', 'a\u009bb': 'holds', 'a\ufffd': 'holds', 'x\ud800': 'holds', ['y'.repeat(4_097)]: 'is longer than 4096 characters', [`# ${'y'.repeat(4_096)}`]: 'is longer',
    }
    for (const [line, what] of Object.entries(bad)) expect(refusal(() => parseTargets(`ok\n${line}\nok`, 'f')).message, line).toContain(`--from: line 2 of f ${what}`)
    expect(parseTargets('y'.repeat(4_096), 'f')).toHaveLength(1)
  })

  it('finds all bad lines in one pass and names ten', () => {
    const error = refusal(() => parseTargets(`fine\n${'{\n'.repeat(25)}a\u0001`, 'hosts.txt'))
    expect(error).toMatchObject({ code: 'usage.argument', exit: 2, message: '--from: line 2 of hosts.txt is not JSON (and 25 more bad lines)', details: { count: 26 } })
    expect((error.details as { lines: unknown[] }).lines).toEqual(Array.from({ length: 10 }, (_, at) => ({ line: at + 2, what: 'is not JSON' })))
  })

  it('reads files as UTF-8, and names the lines that are not', () => {
    expect(readTargets(file('\uFEFFweb1\r\n{"name":"é😀"}'))).toEqual(['web1', { name: 'é😀', pool: null }])
    const error = refusal(() => readTargets(file(Buffer.concat([Buffer.from('ok\n# caf'), Buffer.from([0xe9]), Buffer.from('\nok é\n'), Buffer.from([0xff, 0xfe, 10, 0xc3])]))))
    expect(error.details).toEqual({ lines: [2, 4, 5].map(line => ({ line, what: 'is not UTF-8' })), count: 3 })
  })

  it('takes 200,000 targets of either kind and no more', () => {
    expect(parseTargets('v\n'.repeat(200_000), 'f')).toHaveLength(200_000)
    expect(parseTargets('{"id":"vm-1","name":"v","pool":"p","state":"running"}\n'.repeat(200_000), 'f')).toHaveLength(200_000)
    expect(refusal(() => parseTargets('v\n'.repeat(200_001), 'f')).message).toBe('--from: f names 200001 targets, and 200000 are allowed')
  })

  it('stops reading what never ends', () => {
    expect(refusal(() => readTargets('/dev/zero'))).toMatchObject({ code: 'usage.argument', message: '--from: /dev/zero holds more than 64 MiB' })
    expect(fromShell('yes | $READ').stdout).toBe('usage.argument: --from: standard input holds more than 64 MiB\n')
  })

  it('takes exactly 64 MiB', () => {
    expect(readTargets(file(`${'#'.repeat(4_095)}\n`.repeat(64 * 256)))).toEqual([])
  })

  it('says which file cannot be read, and why', () => {
    expect(refusal(() => readTargets('/nowhere/targets'))).toMatchObject({ exit: 2, message: '--from: cannot read /nowhere/targets: no such file or directory (ENOENT)' })
    expect(refusal(() => readTargets(folder)).message).toBe(`--from: cannot read ${folder}: it is a folder (EISDIR)`)
    expect(refusal(() => readTargets(`${file('a')}/b`)).message).toContain('a part of its path is no folder (ENOTDIR)')
    expect(refusal(() => readTargets('')).message).toBe('--from wants a file')
    if (process.getuid?.() === 0) return // to whom nothing is denied
    const secret = file('a')
    chmodSync(secret, 0)
    expect(refusal(() => readTargets(secret)).message).toContain('permission denied (EACCES)')
    chmodSync(secret, 0o600)
  })

  it('waits for a slow or non-blocking standard input, and takes a closed one as empty', () => {
    expect(fromShell('(echo a; sleep 0.3; echo b) | $READ').stdout).toBe('["a","b"]\n')
    // A process that dies while it reads leaves the pipe non-blocking: reading it when it is empty is EAGAIN.
    const nonBlocking = `(echo a; sleep 1.5; echo b) | (${process.execPath} -e 'process.stdin; process.kill(process.pid, 9)'; $READ)`
    expect(fromShell(nonBlocking).stdout).toBe('["a","b"]\n')
    expect(fromShell('$READ <&-').stdout).toBe('[]\n')
    expect(fromShell('$READ < /tmp').stdout).toBe('usage.argument: --from: cannot read standard input: it is a folder (EISDIR)\n')
  })

  it('gives for any text targets that are texts, or refuses it', () => {
    const line = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.json({ maxDepth: 2 }), fc.record({ id: fc.jsonValue({ maxDepth: 1 }), name: fc.string(), pool: fc.option(fc.string()) }, { requiredKeys: [] }).map(value => JSON.stringify(value)))
    fc.assert(fc.property(fc.array(line, { maxLength: 5 }), lines => {
      try {
        for (const target of parseTargets(lines.join('\n'), 'f')) {
          for (const text of typeof target === 'string' ? [target] : Object.values(target)) expect(text === null || (text !== '' && !/[\u0000-\u001f]/.test(text))).toBe(true)
        }
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
      }
    }), { numRuns: 2_000 })
  })
})
