import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../src/model/errors.js'
import { countedNames, expandNames } from '../../src/model/name-pattern.js'
import { refusal } from '../refusal.js'

const names = (text: string) => expandNames(text, 'guest')
const number = fc.oneof(fc.nat(30).map(String), fc.nat(30).map(value => String(value).padStart(3, '0')))
const letters = fc.constantFrom(['a', 'd'], ['z', 'w'], ['A', 'C']).map(([from, to]) => `{${from}..${to}}`)
const braces = fc.oneof(fc.tuple(number, number).map(([from, to]) => `{${from}..${to}}`), letters, fc.uniqueArray(fc.constantFrom('a', 'bc', 'd.e', 'x-y', ''), { minLength: 2, maxLength: 4 }).map(words => `{${words.join(',')}}`))

describe('patterns of new names', () => {
  it('count up and down, keep leading zeros, and take lists, the left one slowest', () => {
    expect(names('web{001..003}')).toEqual(['web001', 'web002', 'web003'])
    expect(names('web{9..11}')).toEqual(['web9', 'web10', 'web11'])
    expect(names('web{02..0}-x')).toEqual(['web02-x', 'web01-x', 'web00-x'])
    expect(names('{a,db}{1..2}')).toEqual(['a1', 'a2', 'db1', 'db2'])
    expect(names('n{c..a}{,-old}')).toEqual(['nc', 'nc-old', 'nb', 'nb-old', 'na', 'na-old'])
    expect(names('plain')).toEqual(['plain'])
    expect(names('vm{1..100000}')).toHaveLength(100_000)
  })

  it('expand as bash does', () => {
    const patterns = fc.sample(fc.array(braces, { minLength: 1, maxLength: 2 }).map(parts => `w${parts.join('-')}`), { numRuns: 200, seed: 7 })
    const { stdout } = spawnSync('bash', ['-c', patterns.map(pattern => `echo ${pattern}`).join('\n')], { encoding: 'utf8' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(patterns.length)
    // What bash writes twice a farm cannot have twice.
    patterns.forEach((pattern, at) => {
      const wanted = lines[at]!.split(' ')
      if (new Set(wanted).size === wanted.length) expect(names(pattern), pattern).toEqual(wanted)
      else expect(refusal(() => names(pattern)).message).toContain('more than once')
    })
  })

  it('refuse what is no pattern, saying why', () => {
    const bad = {
      'web{1..3': 'has a { without its }', 'web1..3}': 'has a } without its {', 'a{b{1..2}}': 'has braces inside of braces', 'web{}': 'neither a range nor a list', 'web{5}': '{5}, which is neither', 'web{1..}': 'neither', 'web{-1..3}': 'neither',
      'web{1..9..2}': 'neither', 'web{a..C}': 'neither', 'web{a,a}': 'stands for weba more than once', 'w{1..100001}': 'stands for 100001 names, and 100000 are allowed', 'w{1..1000}{1..1000}': 'stands for 1000000 names',
      'w{0..999999999999999}': 'stands for 1000000000000000 names', '{1..999999999}{1..999999999}': 'very many', 'web {1..2}': 'cannot be the name of a guest', '{,a}': 'cannot be the name', 'a/{1,2}': 'cannot be', [`${'x'.repeat(60)}{998..1000}`]: 'cannot be', '': 'cannot be',
    }
    for (const [text, what] of Object.entries(bad)) {
      expect(refusal(() => names(text)), text).toMatchObject({ code: 'usage.name', exit: 2, message: expect.stringContaining(what), hint: expect.any(String) })
    }
  })

  it('give for any text names that differ and are names, or refuse it, in no time', () => {
    const piece = fc.constantFrom('{', '}', '{1..3}', '{01..3}', ',', '..', 'a', '-', '0', '9', '{a,b}', '{0..99999}')
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }).map(parts => parts.join('')), text => {
      try {
        const found = names(text)
        expect(new Set(found).size).toBe(found.length)
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
      }
    }), { numRuns: 2_000 })
    expect(refusal(() => names('{'.repeat(4_000))).code).toBe('usage.name')
    expect(refusal(() => names('{1..9}'.repeat(600))).message).toContain('very many')
  })

  it('with a count: a plain name is numbered, a pattern must agree', () => {
    expect(countedNames('web', null, 'guest')).toEqual(['web'])
    expect(countedNames('web', 1, 'guest')).toEqual(['web-1'])
    expect(countedNames('web', 11, 'guest')[10]).toBe('web-11')
    expect(countedNames('web{1..3}', 3, 'guest')).toEqual(['web1', 'web2', 'web3'])
    expect(refusal(() => countedNames('web{1..3}', 4, 'guest'))).toMatchObject({ code: 'usage.argument', message: '--count is 4, and "web{1..3}" stands for 3: web1, web2, web3' })
    for (const count of [0, -1, 1.5, 100_001, NaN]) expect(refusal(() => countedNames('web', count, 'guest')).code).toBe('usage.argument')
    expect(refusal(() => countedNames('x'.repeat(62), 10, 'guest')).code).toBe('usage.name')
    expect(refusal(() => countedNames('-x', 2, 'guest')).message).toContain('"-x"')
  })
})
