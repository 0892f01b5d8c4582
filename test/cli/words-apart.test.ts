import * as Flags from '@oclif/core/flags'
import { Parser } from '@oclif/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordsApart } from '../../src/cli/words-apart.js'
import { refusal } from '../refusal.js'

const flags = {
  output: Flags.string({ char: 'o' }), quiet: Flags.boolean({ char: 'q' }), verbose: Flags.boolean({ char: 'v' }), wait: Flags.boolean({ allowNo: true }), filter: Flags.string({ multiple: true, multipleNonGreedy: true }), limit: Flags.string(),
}
const words = ['-o', '-ojson', '-o=json', '-q', '-qv', '-qvo', '-vox', '--output', '--output=x', '--output=', '--quiet', '--wait', '--no-wait', '--filter', '--filter=a=b', '--limit', '--', '-', '-5', '', 'vm1', 'vm2', 'a=b', '--nope', '--nope=1', '-x', '-qx', '---', '--=', '-=']

describe('the words of a command', () => {
  it('come apart into flags and names as the parser would take them', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom(...words), { maxLength: 8 }), async argv => {
      const whole = await parsed(argv)
      let apart: { given: string[]; names: string[] } | null = null
      try { apart = wordsApart(argv, flags) } catch { /* unknown */ }
      const again = apart && (await parsed(apart.given))
      expect(again && { ...again, names: apart!.names }).toEqual(whole)
    }), { numRuns: 3_000 })
  })

  it('are refused where the parser would take what is no flag, or give a flag a value that it does not have', () => {
    for (const word of ['--toString', '--constructor', '--__proto__', '--hasOwnProperty=x']) expect(refusal(() => wordsApart(['vm1', word], flags)).message).toBe(`there is no flag ${word}`)
    for (const word of ['--quiet=false', '--no-wait=1', '-q=0']) expect(refusal(() => wordsApart([word], flags)).message).toContain('takes no value')
    expect(refusal(() => wordsApart(['x'.repeat(4_097)], flags)).message).toContain('is longer than 4096 characters')
  })

  it('may be a hundred thousand', () => {
    const many = Array.from({ length: 100_000 }, (_, at) => `vm${at}`)
    expect(wordsApart(many, flags).names).toEqual(many)
    expect(refusal(() => wordsApart(many.map(name => `--${name}`), flags)).message.length).toBeLessThan(200)
    expect(refusal(() => wordsApart(many.map(name => `--filter=${name}`), flags)).message).toContain('4096 are allowed')
  })
})

/** What oclif's parser makes of words; null for what it refuses. */
async function parsed(argv: string[]): Promise<{ flags: unknown; names: string[] } | null> {
  try {
    const { flags: given, raw } = await Parser.parse(argv, { flags, strict: false })
    return { flags: given, names: raw.flatMap(token => (token.type === 'arg' ? [token.input] : [])) }
  } catch {
    return null
  }
}
