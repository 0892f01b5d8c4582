import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../../src/model/errors.js'
import { parseMomentMs, parsePastMs } from '../../src/model/moments.js'
import { formatTime } from '../../src/model/units.js'
import { refusal as refusalOf } from '../refusal.js'

const nowMs = Date.parse('2010-07-27T22:00:00Z')
const read = (text: string, now = nowMs) => formatTime(parseMomentMs(text, now, '--finish-by'))

function refusal(text: string, now = nowMs): Refusal {
  try {
    parseMomentMs(text, now, '--finish-by')
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error(`${text} was taken`)
}

/** Any moment of the years 0 to 9999. */
const moments = fc.integer({ min: Date.parse('0000-01-02T00:00:00Z'), max: Date.parse('9999-12-30T00:00:00Z') })

describe('a TIME', () => {
  it('is RFC 3339, with Z or an offset', () => {
    for (const text of ['2010-07-28T04:00:00Z', '2010-07-28T06:00:00+02:00', '2010-07-27T22:30:00-05:30', '2010-07-28t04:00:00z', '2010-07-28 04:00:00+00:00', ' 2010-07-28T04:00:00Z ']) expect(read(text), text).toBe('2010-07-28T04:00:00Z')
    expect(read('2010-07-28T04:00:00.1239Z')).toBe('2010-07-28T04:00:00.123Z')
    expect(read('2012-02-29T00:00:00-00:00')).toBe('2012-02-29T00:00:00Z')
    expect(read('0050-01-01')).toBe('0050-01-01T00:00:00Z')
  })

  it('that is a date alone is midnight UTC', () => {
    expect(read('2010-07-28')).toBe('2010-07-28T00:00:00Z')
  })

  it('of day is the next such one at or after now', () => {
    expect([read('04:00'), read('23:30:15'), read('22:00'), read('21:59:59')]).toEqual(['2010-07-28T04:00:00Z', '2010-07-27T23:30:15Z', '2010-07-27T22:00:00Z', '2010-07-28T21:59:59Z'])
    expect(read('22:00', nowMs + 1)).toBe('2010-07-28T22:00:00Z')
  })

  it('with a plus is a duration from now', () => {
    expect([read('+5m'), read('+1h30m'), read('+90'), read('+0s')]).toEqual(['2010-07-27T22:05:00Z', '2010-07-27T23:30:00Z', '2010-07-27T22:01:30Z', '2010-07-27T22:00:00Z'])
  })

  it('that does not exist is refused', () => {
    const none = ['25:00', '24:00', '04:60', '04:00:60', '4:00', '04:00Z', '2010-02-30', '2011-02-29', '2010-13-01', '2010-00-10', '2010-07-28T24:00:00Z', '2010-12-31T23:59:60Z', '2010-07-28T04:00:00+24:00', '2010-07-28T04:00:00+0200', '10000-01-01', '20100728', '', '+', '+ 5m', '+-5m', '-5m', 'now', 'tomorrow', '2010-07-28T04:00:00Z!', '2010-07-28T04:00:00.Z']
    for (const text of none) expect(refusal(text), text).toMatchObject({ code: 'usage.argument', hint: expect.stringMatching(/^write 2010-07-28T04:00:00Z/) as string })
  })

  it('outside the years that can be written is refused', () => {
    for (const text of ['9999-12-31T23:59:59-00:01', '0000-01-01T00:00:00+00:01']) expect(refusal(text).message, text).toContain('is not between the years')
    const late = Date.parse('9999-12-31T23:00:00Z')
    for (const text of ['+1h', '22:00', '+99999d']) expect(refusal(text, late).code, text).toBe('usage.argument')
  })

  it('says what to write instead: a plus before a duration, a zone after a time', () => {
    expect(refusal('5m')).toMatchObject({ message: '--finish-by: "5m" is a duration, not a time', hint: 'write +5m for that long from now' })
    expect(refusal('2010-07-28T04:00:00')).toMatchObject({ message: '--finish-by: "2010-07-28T04:00:00" has no time zone or no seconds' })
    expect(refusal('+5x').code).toBe('usage.argument')
  })

  it('comes back from every way to write it', () => {
    const offsets = fc.record({ sign: fc.constantFrom(1, -1), minutes: fc.integer({ min: 0, max: 23 * 60 + 59 }) })
    fc.assert(fc.property(moments, offsets, (ms, { sign, minutes }) => {
      const two = (value: number) => String(value).padStart(2, '0')
      const offset = `${sign < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
      expect(parseMomentMs(formatTime(ms), nowMs, 'x')).toBe(ms)
      expect(parseMomentMs(new Date(ms + sign * minutes * 60_000).toISOString().replace('Z', offset), nowMs, 'x')).toBe(ms)
      expect(parseMomentMs(formatTime(ms).slice(0, 10), nowMs, 'x')).toBe(Math.floor(ms / 86_400_000) * 86_400_000)
    }))
  })

  it('of day is never before now, never a day or more after it, and is what was written', () => {
    fc.assert(fc.property(moments, fc.integer({ min: 0, max: 86_399 }), (now, second) => {
      const text = new Date(second * 1_000).toISOString().slice(11, 19)
      const ms = parseMomentMs(text, now, 'x')
      expect(ms - now).toBeGreaterThanOrEqual(0)
      expect(ms - now).toBeLessThan(86_400_000)
      expect(new Date(ms).toISOString().slice(11, 19)).toBe(text)
    }))
  })

  it('is any text, or refused as such', () => {
    const near = fc.string({ unit: fc.constantFrom(...'0123456789-+:TZ. m'), maxLength: 30 })
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), near), text => {
      try {
        expect(Number.isSafeInteger(parseMomentMs(text, nowMs, 'x'))).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
      }
    }), { numRuns: 2_000 })
  })
})

describe('a TIME that looks back', () => {
  const past = (text: string, now = nowMs) => formatTime(parsePastMs(text, now, '--since'))

  it('is a time, the last such time of day, or a duration ago', () => {
    expect([past('2010-07-28T06:00:00+02:00'), past('2010-07-01'), past('04:00'), past('22:00'), past('22:00:01'), past('1h30m'), past(' 90s '), past('1d'), past('0s')]).toEqual([
      '2010-07-28T04:00:00Z', '2010-07-01T00:00:00Z', '2010-07-27T04:00:00Z', '2010-07-27T22:00:00Z', '2010-07-26T22:00:01Z', '2010-07-27T20:30:00Z', '2010-07-27T21:58:30Z', '2010-07-26T22:00:00Z', '2010-07-27T22:00:00Z',
    ])
  })

  it('that is neither is refused, saying what can be written', () => {
    for (const text of ['', 'yesterday', '90', '-5m', '+5m', '25:00', '2010-02-30', '1h ago', '5mm', '99999d99999d']) {
      const refused = refusalOf(() => parsePastMs(text, nowMs, '--since'))
      expect([refused.code, refused.message.startsWith('--since: ')], text).toEqual(['usage.argument', true])
    }
    expect(refusalOf(() => parsePastMs('5 minutes', nowMs, '--since')).hint).toContain('5m')
    expect(refusalOf(() => parsePastMs('2010-07-28T04:00:00', nowMs, '--since')).message).toContain('time zone')
  })

  it('of day is never after now, nor a day or more before it', () => {
    fc.assert(fc.property(moments, fc.integer({ min: 0, max: 86_399 }), (now, second) => {
      const ago = now - parsePastMs(new Date(second * 1_000).toISOString().slice(11, 19), now, 'x')
      expect(ago).toBeGreaterThanOrEqual(0)
      expect(ago).toBeLessThan(86_400_000)
    }))
  })
})
