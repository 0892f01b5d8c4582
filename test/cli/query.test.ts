import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileQuery } from '../../src/cli/query.js'
import { Refusal } from '../../src/model/errors.js'

const refusal = (work: () => unknown) => { try { work() } catch (error) { return error } return null }
const vms = [{ name: 'vm1', state: 'running', memoryMiB: 4096 }, { name: 'vm2', state: 'paused', memoryMiB: 512 }]

describe('--query', () => {
  it('asks JMESPath, with literals as people write them', () => {
    expect(compileQuery('[?state==`running`].name')(vms)).toEqual(['vm1'])
    expect(compileQuery("[?state=='running' && memoryMiB > `1024`] | [0].{n: name}")(vms)).toEqual({ n: 'vm1' })
    expect(compileQuery('sum([].memoryMiB)')(vms)).toBe(4608)
    expect(compileQuery('nothing.of.that')({})).toBeNull()
  })

  it('refuses before it is asked what is no expression, or calls what there is not', () => {
    for (const text of ['', '[?', 'foo(@)', '[].{a: length(bogus(@))}', 'a'.repeat(5_000), '('.repeat(3_000)]) expect(refusal(() => compileQuery(text)), text.slice(0, 20)).toMatchObject({ code: 'usage.query', exit: 2 })
    expect(refusal(() => compileQuery('abs(@)')(vms))).toMatchObject({ code: 'usage.query' })
  })

  it('bounds an answer that doubles with every step', () => {
    expect(refusal(() => compileQuery(`@${' | [@, @]'.repeat(40)}`)(1))).toMatchObject({ code: 'usage.query', message: expect.stringContaining('5000000') as string })
  })

  it('bounds what is made on the way to an answer, and how long it takes', () => {
    for (const doubled of ['[@, @][]', "[@, @] | join('', @)", '[@, @] | [*][]', 'let $a = [@, @] in $a[]', '{a: @, b: @} | values(@)[]']) {
      const asked = `${doubled.includes('join') ? 'to_string(@)' : '@'}${` | ${doubled}`.repeat(100)} | length(@)`
      expect(refusal(() => compileQuery(asked)([1, 2])), doubled).toMatchObject({ code: 'usage.query', message: expect.stringContaining('makes more than 5000000') as string })
    }
    // Two trees that are alike down to leaves without number are bounded by time alone.
    const tree = `@${' | [@, @]'.repeat(60)}`
    expect(refusal(() => compileQuery(`{a: ${tree}, b: ${tree}} | a == b`, 100)([1]))).toMatchObject({ code: 'usage.query', message: expect.stringContaining('takes more than 0.1 s') as string })
    expect(compileQuery('length([].name)')(vms)).toBe(2)
  })

  it('finds data, and nothing that every object has', () => {
    for (const name of ['constructor', 'toString', '__proto__', '[0].constructor', '"hasOwnProperty"']) expect(compileQuery(name)({ a: 1 }), name).toBeNull()
    expect(refusal(() => compileQuery('merge(@, @).constructor')({ a: 1 }))).toMatchObject({ code: 'usage.query' })
  })

  it('takes any text, or refuses it as such', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'[]{}?*@`\'"|&.:,()!<>= abc019\\$\u{1F600}'), maxLength: 40 }), text => {
      const thrown = refusal(() => compileQuery(text)(vms))
      if (thrown) expect(thrown).toBeInstanceOf(Refusal)
    }), { numRuns: 3_000 })
  })
})
