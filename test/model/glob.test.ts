import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../src/model/errors.js'
import { checkGlob, globMatches, isGlob } from '../../src/model/glob.js'

/** What a glob means, as a regular expression of JavaScript: right, but slow where stars meet what does not fit. */
function meaning(glob: string): RegExp {
  const source = glob.replace(/\*+/g, '*').replace(/\[([^\]].*?|\].*?)\]|[\s\S]/gs, (piece, body?: string) => {
    if (body !== undefined) return `[${body.startsWith('!') ? '^' : ''}${body.replace(/^!/, '').replace(/[\\[\]^]/g, '\\$&')}]`
    return piece === '*' ? '.*' : piece === '?' ? '.' : piece.replace(/[\\^$.|+()[\]{}/-]/g, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}

describe('globs', () => {
  it('mean * ? [a-z] [!a], anything else itself', () => {
    const matched = (glob: string) => ['vm1', 'vm2', 'vm10', 'VM1', 'vm.1', 'vm-1'].filter(name => globMatches(glob, name))
    expect(matched('vm?')).toEqual(['vm1', 'vm2'])
    expect(matched('vm*')).toEqual(['vm1', 'vm2', 'vm10', 'vm.1', 'vm-1'])
    expect(matched('*1')).toEqual(['vm1', 'VM1', 'vm.1', 'vm-1'])
    expect(matched('vm[!1]')).toEqual(['vm2'])
    expect(matched('[A-Z]*')).toEqual(['VM1'])
    expect(matched('vm[.-]1')).toEqual(['vm.1', 'vm-1'])
    expect(matched('vm.?')).toEqual(['vm.1'])
    expect([globMatches('[]a]', ']'), globMatches('[!]', 'x'), globMatches('[^a]', '^'), globMatches('a[', 'a['), globMatches('', ''), globMatches('**', '')]).toEqual([true, true, true, true, true, true])
    expect(['vm1', 'a]b', 'a*', 'a?', 'a['].map(isGlob)).toEqual([false, false, true, true, true])
  })

  it('match what the same regular expression matches, whatever the glob and the text', () => {
    const letters = fc.constantFrom('a', 'b', '-', '*', '?', '[', ']', '!', '^', '.', '\\', '\n', '[a-b]', '[!a]')
    fc.assert(fc.property(fc.array(letters, { maxLength: 8 }), fc.array(fc.constantFrom('a', 'b', '-', ']', '^', '.', '\\', '!', '\n', '['), { maxLength: 8 }), (pieces, text) => {
      const glob = pieces.join('')
      let wanted: RegExp | null
      try { wanted = meaning(glob) } catch { wanted = null }
      if (wanted) expect(globMatches(glob, text.join('')), `${glob} on ${text.join('')}`).toBe(wanted.test(text.join('')))
      else expect(() => checkGlob(glob), glob).toThrow(Refusal)
    }), { numRuns: 5_000 })
  })

  it('come to an end, however many stars and sets there are: tried path by path, these would go on for years', () => {
    const name = `${'a'.repeat(62)}b`
    for (const glob of [`${'*a'.repeat(2_000)}*c`, `${'*?'.repeat(30)}c`, `*[${'xyz'.repeat(1_300)}]c`, `${'*a'.repeat(30)}*c`, `${'*[!b]'.repeat(30)}c`]) {
      for (let times = 0; times < 100; times++) expect(globMatches(glob, name)).toBe(false)
    }
  })
})
