import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canaryOf, finishByMsOf, leaseWaitMsOf, maxFailuresOf, orderOf, percentOf } from '../../src/cli/policy-flags.js'
import { Refusal } from '../../src/model/errors.js'

const nowMs = Date.parse('2010-07-27T22:00:00Z')

function refusal(work: () => unknown): Refusal {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('the policy of a run', () => {
  it('takes --max-failures as a number or a share', () => {
    expect(['0', '3', ' 12 ', '10%', '0%', '100%', '12.5%'].map(maxFailuresOf)).toEqual([{ count: 0 }, { count: 3 }, { count: 12 }, { percent: 10 }, { percent: 0 }, { percent: 100 }, { percent: 12.5 }])
    for (const text of ['', '%', '-1', '1.5', '101%', '1e3', '0x1', '3 %', 'many', '1234567890']) expect(refusal(() => maxFailuresOf(text)), text).toMatchObject({ code: 'usage.argument', exit: 2, hint: 'write --max-failures 3 or --max-failures 10%' })
  })

  it('takes --canary as a number of at least one', () => {
    expect(['1', '25'].map(canaryOf)).toEqual([1, 25])
    for (const text of ['', '0', '-1', '1.5', '10%', 'one']) expect(refusal(() => canaryOf(text)), text).toMatchObject({ exit: 2, hint: 'write --canary 1' })
  })

  it('takes --order as a tag', () => {
    expect(['tag:tier', 'tag:a.b_c-1'].map(orderOf)).toEqual(['tier', 'a.b_c-1'])
    for (const text of ['', 'tier', 'tag:', 'tag:a b', 'tag:a=b', 'name:x', 'TAG:tier', 'tag:é']) expect(refusal(() => orderOf(text)), text).toMatchObject({ exit: 2, hint: expect.stringContaining('--order tag:tier') as string })
  })

  it('takes --finish-by as a time that is still to come', () => {
    expect([finishByMsOf('+2h', nowMs), finishByMsOf('22:00', nowMs), finishByMsOf('2010-07-28', nowMs)]).toEqual([nowMs + 7_200_000, nowMs, nowMs + 7_200_000])
    expect(refusal(() => finishByMsOf('2010-07-27', nowMs)).message).toBe('--finish-by: "2010-07-27" is in the past of the farm')
    expect(refusal(() => finishByMsOf('2h', nowMs)).hint).toBe('write +2h for that long from now')
  })

  it('takes --lease-wait as a duration, none when it is not given', () => {
    expect([leaseWaitMsOf(undefined), leaseWaitMsOf('0s'), leaseWaitMsOf('5m')]).toEqual([0, 0, 300_000])
    expect(refusal(() => leaseWaitMsOf('soon'))).toMatchObject({ exit: 2, message: '--lease-wait: "soon" is not a duration', hint: 'write 90s, 5m, 1h or 1h30m' })
  })

  it('reads a share with or without its sign', () => {
    expect(['25', '25%', '0.5%', '100.1', 'x'].map(percentOf)).toEqual([25, 25, 0.5, null, null])
  })

  it('takes any text, or refuses it as such', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'0123456789%.:- tag') }))
    fc.assert(fc.property(text, given => {
      for (const read of [maxFailuresOf, canaryOf, orderOf, leaseWaitMsOf, (of: string) => finishByMsOf(of, nowMs)]) {
        try {
          read(given)
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal)
        }
      }
    }), { numRuns: 500 })
  })
})
