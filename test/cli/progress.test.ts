import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { displayWidth } from '../../src/cli/display-width.js'
import { Pace } from '../../src/cli/pace.js'
import { Progress } from '../../src/cli/progress.js'

/** A terminal that remembers what was drawn on it, and a clock that the test moves. */
function screen(columns: number | undefined = 80, isTTY = true) {
  const drawn: string[] = []
  const clock = { ms: 5_000 }
  const ground = { terminal: { isTTY, columns, write: (text: string) => drawn.push(text) }, now: () => clock.ms }
  const lines = () => drawn.filter(text => text !== '\r\u001b[K').map(text => text.replace('\r\u001b[K', ''))
  return { drawn, clock, ground, lines }
}

describe('progress', () => {
  it('shows how far, how fast and how long still', () => {
    const { clock, ground, lines } = screen()
    const progress = new Progress('vm start', true, ground)
    for (let settled = 0; settled <= 120; settled += 35) {
      progress.show(settled, 1_000)
      clock.ms += 1_000
    }
    expect(lines()).toEqual(['vm start: 0 of 1,000', 'vm start: 35 of 1,000, 35/s, 28 s left', 'vm start: 70 of 1,000, 35/s, 27 s left', 'vm start: 105 of 1,000, 35/s, 26 s left'])
  })

  it('says nothing of speed before that means something, nor of time left at the end', () => {
    const { clock, ground, lines } = screen()
    const progress = new Progress('vm stop', true, ground)
    for (const [settled, ms] of [[500, 0], [502, 2_000], [600, 500], [1_000, 5_000]] as const) {
      clock.ms += ms
      progress.show(settled, 1_000)
    }
    expect(lines()).toEqual(['vm stop: 500 of 1,000', 'vm stop: 502 of 1,000', expect.stringMatching(/^vm stop: 600 of 1,000, \d+\/s, \d+ s left$/), 'vm stop: 1,000 of 1,000'])
  })

  it('counts what is slow by the minute or hour', () => {
    const after = (stepMs: number, total: number) => {
      const { clock, ground, lines } = screen()
      const progress = new Progress('vm clone', true, ground)
      for (let settled = 0; settled < 5; settled++, clock.ms += stepMs) progress.show(settled, total)
      return lines().at(-1)
    }
    expect(after(20_000, 40)).toBe('vm clone: 4 of 40, 3/min, 12 min left')
    expect(after(120_000, 1_200)).toBe('vm clone: 4 of 1,200, 30/h, 40 h left')
    expect(after(400, 10)).toBe('vm clone: 4 of 10, 2.5/s, 2 s left')
  })

  it('redraws at most ten times a second', () => {
    const { clock, drawn, ground } = screen()
    const progress = new Progress('vm start', true, ground)
    for (let settled = 0; settled < 10_000; settled++, clock.ms += 1) progress.show(settled, 10_000)
    expect(drawn).toHaveLength(100)
  })

  it('is cleared at the end, once', () => {
    const { drawn, ground } = screen()
    const progress = new Progress('vm start', true, ground)
    progress.clear()
    progress.show(1, 2)
    progress.clear()
    progress.clear()
    expect(drawn).toEqual(['\r\u001b[Kvm start: 1 of 2', '\r\u001b[K'])
  })

  it('is nothing at all without a terminal, when it is not wanted, or for a single target', () => {
    const elsewhere = screen(80, false)
    new Progress('vm start', true, elsewhere.ground).show(1, 2)
    const quiet = screen()
    const unwanted = new Progress('vm start', false, quiet.ground)
    unwanted.show(1, 2)
    unwanted.clear()
    new Progress('vm start', true, quiet.ground).show(0, 1)
    expect([...elsewhere.drawn, ...quiet.drawn]).toEqual([])
  })

  it('never takes the last cell of a terminal of any width, and keeps whole parts', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(1e9), fc.string({ unit: fc.constantFrom('v', '日', 'e\u0301', '\u001b', '😀'), maxLength: 30 }), (columns, settled, what) => {
      const { clock, ground, lines } = screen(columns)
      const progress = new Progress(what, true, ground)
      progress.show(0, 1e9)
      clock.ms += 2_000
      progress.show(settled, 1e9)
      for (const line of lines()) expect(displayWidth(line)).toBeLessThan(columns)
      expect(lines().join('')).not.toMatch(/[\u0000-\u001f]|\/$|left./)
    }))
    const narrow = screen(30)
    const progress = new Progress('vm start', true, narrow.ground)
    for (const settled of [0, 350, 700]) {
      progress.show(settled, 1_000)
      narrow.clock.ms += 10_000
    }
    expect(narrow.lines().at(-1)).toBe('vm start: 700 of 1,000, 35/s')
  })

  it('takes a width that nobody knows as 80', () => {
    const { ground, lines } = screen(0)
    new Progress('x'.repeat(100), true, ground).show(1, 2)
    expect(lines()[0]).toHaveLength(79)
  })
})

describe('a pace', () => {
  it('follows a change of speed without jumping', () => {
    const pace = new Pace()
    let [count, atMs] = [0, 0]
    for (; atMs <= 60_000; atMs += 500, count += 50) pace.note(count, atMs)
    expect(pace.perSecond()).toBeCloseTo(100, 0)
    for (const until = atMs + 1_000; atMs <= until; atMs += 500, count += 5) pace.note(count, atMs)
    expect(pace.perSecond()).toBeGreaterThan(75)
    for (const until = atMs + 60_000; atMs <= until; atMs += 500, count += 5) pace.note(count, atMs)
    expect(pace.perSecond()).toBeCloseTo(10, 0)
  })

  it('is the same for a few large steps as for many small ones', () => {
    const [waves, drops] = [new Pace(), new Pace()]
    for (let atMs = 0; atMs <= 40_000; atMs += 100) {
      drops.note(atMs / 100, atMs)
      if (atMs % 4_000 === 0) waves.note(atMs / 100, atMs)
    }
    expect(waves.perSecond()).toBeCloseTo(drops.perSecond()!, 5)
  })
})
