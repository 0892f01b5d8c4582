import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPassword } from '../../src/model/passwords.js'
import { Refusal } from '../../src/model/errors.js'

function isGood(password: string, name: string): boolean {
  try {
    checkPassword(password, name)
    return true
  } catch (error) {
    if (error instanceof Refusal && error.code === 'usage.password') return false
    throw error
  }
}

describe('a password', () => {
  it('has 10 to 256 characters, however many units of UTF-16 those are, and is not the name in whatever case', () => {
    const character = fc.constantFrom('a', 'Z', '7', ' ', 'ß', '語', '🔑')
    fc.assert(fc.property(fc.array(character, { maxLength: 300 }), characters => {
      expect(isGood(characters.join(''), 'somebody')).toBe(characters.length >= 10 && characters.length <= 256)
    }))
    fc.assert(fc.property(fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{9,62}$/), fc.func(fc.boolean()), (name, raised) => {
      const password = [...name].map((char, at) => (raised(at) ? char.toUpperCase() : char.toLowerCase())).join('')
      expect(isGood(password, name)).toBe(false)
      expect(isGood(`${password}!`, name)).toBe(true)
    }))
  })

  it('is the same however a keyboard composes its characters, and is never quoted', () => {
    expect(isGood('e\u0301'.repeat(5), 'x')).toBe(false)
    expect(isGood('é'.repeat(10), 'x')).toBe(true)
    expect(() => checkPassword('sekret', 'x')).toThrow(expect.not.objectContaining({ message: expect.stringContaining('sekret') as string }))
  })
})
