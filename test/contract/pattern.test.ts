import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it, vi } from 'vitest'
import { readPattern } from '../../src/contract/pattern.js'
import { stepsOf } from '../../src/contract/pattern-steps.js'
import { refusalOf } from '../refusal.js'

/** Regular expressions that JavaScript and RE2 read alike. */
const { pattern: patterns } = fc.letrec<{ pattern: string; atom: string }>(tie => ({
  atom: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\.', '^', '$', '\\b', '(?:)'), tie('pattern').map(inner => `(${inner})`), tie('pattern').map(inner => `(?:${inner})`)),
  pattern: fc.array(fc.tuple(tie('atom'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '|')).map(([atom, repeat]) => (/^(\^|\$|\\b)$/.test(atom) ? `(?:${atom})${repeat}` : atom + repeat)), { minLength: 1, maxLength: 4 }).map(parts => parts.join('')),
}))

describe('regular expressions', () => {
  it('match what those of JavaScript match, anywhere in the text, across lines', async () => {
    expect([(await readPattern('b.*d')).test('a b\nc d e'), (await readPattern('^b')).test('ab'), (await readPattern('')).test('')]).toEqual([true, false, true])
    await fc.assert(fc.asyncProperty(patterns, fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', '\n'), maxLength: 6 }), async (source, text) => {
      fc.pre(stepsOf(source) <= 1_000)
      expect((await readPattern(source)).test(text), `${source} on ${JSON.stringify(text)}`).toBe(new RegExp(source, 's').test(text))
    }), { numRuns: 2_000 })
  })

  it('mean the same where they are plain enough for the engine of JavaScript', async () => {
    const plain = fc.tuple(fc.constantFrom('', '^'), fc.array(fc.constantFrom('a', 'b', '-', '.', '\\.', '\\d', '[a-c]', '[^a]', '[.-]', '[^-b]', '[b-a]', '[a-]'), { maxLength: 4 }), fc.constantFrom('', '*', '+', '?'), fc.constantFrom('', 'b', '.', '1'), fc.constantFrom('', '$'))
      .map(([head, atoms, repeat, tail, foot]) => `${head}${atoms.join('')}${atoms.length > 0 ? repeat : ''}${tail}${foot}`)
    let refused = 0
    await fc.assert(fc.asyncProperty(plain, fc.string({ unit: fc.constantFrom('a', 'b', '-', '1', '.', '\n', '\u{1f4a5}', '\u0661'), maxLength: 6 }), async (source, text) => {
      let wanted: boolean | null = null
      try { wanted = RE2JS.compile(source, RE2JS.DOTALL).test(text) } catch { refused++ }
      if (wanted === null) expect(await refusalOf(readPattern(source)), source).toMatchObject({ code: 'usage.filter' })
      else expect((await readPattern(source)).test(text), `${source} on ${JSON.stringify(text)}`).toBe(wanted)
    }), { numRuns: 2_000 })
    expect(refused).toBeGreaterThan(10)
  })

  it('come to an end on any text: tried path by path, these would go on for years', async () => {
    for (const source of ['^(a+)+$', '^(([a-z0-9-])+.)+$x', '(a|a)*b', '(a*)*c', '((a?){12}){12}b', '(.*.*.*.*.*)=', '^(\\w+\\s?)*$!']) {
      expect((await readPattern(source)).test(`${'a'.repeat(20_000)}!`), source).toBe(false)
    }
  })

  it('are refused when RE2 cannot have them, naming what is wrong and what is allowed', async () => {
    for (const [source, words] of [['(?=a)b', '(?='], ['a(?!b)', '(?!'], ['(?<=a)b', '(?<=a)'], ['(a)\\1', '\\1'], ['[', 'missing closing ]'], ['a**', '**'], ['(', 'missing closing )'], ['a{2000}', 'steps'], ['\\', 'backslash']] as const) {
      const refused = await refusalOf(readPattern(source))
      expect(refused, source).toMatchObject({ code: 'usage.filter', exit: 2 })
      expect(refused.message, source).toContain(JSON.stringify(source))
      expect(refused.message, source).toContain(words)
      expect(refused.hint).toContain('no look-ahead')
    }
  })

  it('are refused before they are compiled when counts make them huge', async () => {
    await readPattern('(a)')
    const compile = vi.spyOn(RE2JS, 'compile')
    for (const source of ['(a{1000}){1000}', '((a{100}){100}){100}', 'a{1000}'.repeat(500), `(${'a'.repeat(3_900)}){1000}`, '(a?){1000}', '[[:alpha:](]{999}b{999}', 'a'.repeat(1_001), '\\pL{600}\\pN{600}', `[${'[:'.repeat(4_000)}`, `[${'\\pL'.repeat(3_000)}]`]) {
      expect((await refusalOf(readPattern(source))).message, source.slice(0, 80)).toContain('is too big')
    }
    expect(compile).not.toHaveBeenCalled()
    compile.mockRestore()
    for (const source of [`^(${Array.from({ length: 100 }, (_, at) => `vm${at}`).join('|')})$`, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', '^\\d{1,3}(\\.\\d{1,3}){3}$']) expect((await readPattern(source)).test('vm7 vm7')).toBe(false)
  })

  it('are never bigger than was counted', () => {
    const wild = fc.array(fc.constantFrom(
      'a', '-', ':', '\u{1f4a5}', 'aaaaaaaa', '(bbbb)', '(', ')', '(', ')', '(?:', '(?:)', '()', '(?i:', '(?P<n>', '(?<m>', '(?i)', '(?)', '(?-s)', '[', ']', '[^', ']', '[^]', '[!-[', '[:alpha:]', '[[:digit:]]', '\\d', '\\d-[', '\\Q', '\\E', '\\Q\\E',
      '{0}', '{2}', '{9}', '{3,5}', '{0,2}', '{2,}', '{0,}', '{1,}', '{00}', '{1,02}', '{', '}', '|', '*', '+', '?', '*?', '\\pL', '\\p{Greek}', '\\P{^L}', '\\x{41}', '\\x{0}', '\\x41', '\\101', '\\0', '^', '\\(', '\\]', '\\[',
    ), { maxLength: 14 }).map(parts => parts.join(''))
    let read = 0
    fc.assert(fc.property(fc.oneof(wild, patterns), source => {
      // Of what nobody would compile nothing is to be known.
      fc.pre(stepsOf(source) <= 10_000)
      let size: number
      try { size = RE2JS.compile(source, RE2JS.DOTALL).programSize() } catch { return }
      read++
      // Two or three steps every program has: its beginning, its end, and that of nothing.
      expect(size, source).toBeLessThanOrEqual(stepsOf(source) + 3)
    }), { numRuns: 5_000 })
    expect(read).toBeGreaterThan(1_000)
  })

  it('are counted to the step, be there flags, empty quotes, sets with brackets in them or braces that are no count', () => {
    const body = '(abcdefghij)'
    for (const [source, steps] of [
      [`${body}(?i){9}`, 108], [`${body}\\Q\\E{9}`, 108], [`${body}{00}`, 16], [`${body}{0}`, 1], ['(?:(?:a?){0,}){9}', 36], [`[!-[:alpha:]${body}{9}]`, 110],
      [`[\\d-[:alpha:](]${body}{9}`, 109], ['[]-\\]{9}]{9}', 9], ['\\Qab\\E{9}', 10], ['\u{1f4a5}{9}', 9], ['(?i:ab){9}', 18], [`${body}{2,4}`, 50],
    ] as const) {
      const size = RE2JS.compile(source, RE2JS.DOTALL).programSize() - 2
      expect(stepsOf(source), source).toBeGreaterThanOrEqual(size)
      expect(size, source).toBe(steps)
    }
  })
})
