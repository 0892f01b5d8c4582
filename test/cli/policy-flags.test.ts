import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxFailuresOf, maxShareOf, orderTagOf } from '../../src/cli/policy-flags.js'
import { Refusal } from '../../src/model/errors.js'
import { refusal } from '../refusal.js'

describe('the policy of a run', () => {
  it('takes --max-failures as a number or a share', () => {
    expect(['0', '3', ' 12 ', '10%', '0%', '100%', '12.5%'].map(maxFailuresOf)).toEqual([{ count: 0 }, { count: 3 }, { count: 12 }, { percent: 10 }, { percent: 0 }, { percent: 100 }, { percent: 12.5 }])
    for (const text of ['', '%', '-1', '1.5', '101%', '1e3', '0x1', '3 %', 'many', '1234567890']) expect(refusal(() => maxFailuresOf(text)), text).toMatchObject({ code: 'usage.argument', exit: 2, hint: 'write --max-failures 3 or --max-failures 10%' })
  })

  it('takes --order as a tag', () => {
    expect(['tag:tier', 'tag:a.b_c-1'].map(orderTagOf)).toEqual(['tier', 'a.b_c-1'])
    for (const text of ['', 'tier', 'tag:', 'tag:a b', 'tag:a=b', 'name:x', 'TAG:tier', 'tag:é']) expect(refusal(() => orderTagOf(text)), text).toMatchObject({ exit: 2, hint: expect.stringContaining('--order tag:tier') as string })
  })

  it('reads a share with or without its sign', () => {
    expect([...['25', '25%', '0.5%'].map(maxShareOf), maxShareOf(undefined)]).toEqual([25, 25, 0.5, null])
    for (const text of ['100.1', 'x', '', '-1%']) expect(refusal(() => maxShareOf(text)), text).toMatchObject({ exit: 2, hint: 'write --max-share 25%' })
  })

  it('takes any text, or refuses it as such', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'0123456789%.:- tag') }))
    fc.assert(fc.property(text, given => {
      for (const read of [maxFailuresOf, maxShareOf, orderTagOf]) {
        try {
          read(given)
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal)
        }
      }
    }), { numRuns: 500 })
  })
})
