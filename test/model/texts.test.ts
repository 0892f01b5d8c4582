import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTargets } from '../../src/cli/from-file.js'
import { reportExit } from '../../src/cli/exit.js'
import { Refusal } from '../../src/model/errors.js'
import { parseFilter } from '../../src/model/filter.js'
import { checkGlob } from '../../src/model/glob.js'
import { idOf } from '../../src/model/identity.js'
import { isName, naturalKey } from '../../src/model/names.js'
import { parseDurationMs, parseSizeMiB } from '../../src/model/units.js'
import type { ReportItem } from '../../src/contract/manager.js'

describe('texts', () => {
  it('sorts digits by value', () => {
    fc.assert(fc.property(fc.nat(10 ** 9), fc.nat(10 ** 9), (a, b) => {
      const [first, second] = [naturalKey(`vm${a}x`), naturalKey(`vm${b}x`)]
      expect(first < second ? -1 : first === second ? 0 : 1).toBe(Math.sign(a - b))
    }))
  })

  it('takes any text as a filter, a duration, a size, a glob or a list of names, or refuses it as such', () => {
    const only = (work: () => unknown) => { try { work() } catch (error) { expect(error).toBeInstanceOf(Refusal) } }
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
      for (const work of [() => parseFilter(text), () => parseDurationMs(text, 'x'), () => parseSizeMiB(text), () => checkGlob(text), () => parseTargets(text, 'file')]) only(work)
    }), { numRuns: 2_000 })
  })

  it('reads durations and sizes', () => {
    expect([parseDurationMs('90s', 'x'), parseDurationMs('1h30m', 'x'), parseDurationMs('250ms', 'x'), parseDurationMs('7', 'x')]).toEqual([90_000, 5_400_000, 250, 7_000])
    expect([parseSizeMiB('4GiB'), parseSizeMiB('512'), parseSizeMiB('1.5t'), parseSizeMiB('much')]).toEqual([4_096, 512, 1_572_864, null])
  })

  it('makes ids from the seed that never collide', () => {
    const ids = new Set(Array.from({ length: 100_000 }, (_, at) => idOf('vm', 42, at)))
    expect(ids.size).toBe(100_000)
  })

  it('knows what may be a name', () => {
    expect(['vm1', 'a', 'A.b_c-1', 'x'.repeat(63)].every(isName)).toBe(true)
    expect(['', '-a', '.a', 'a b', 'a/b', 'é', 'x'.repeat(64)].some(isName)).toBe(false)
  })
})

describe('exit codes of reports', () => {
  const item = (result: ReportItem['result'], code: 'vm.state' | 'lease.held' | null = null) => ({ result, error: code && { code, message: '', hint: null, details: null } }) as ReportItem
  it('gives one target its own code, and several 7, 6 or 0', () => {
    expect(reportExit({ items: [item('done')] })).toBe(0)
    expect(reportExit({ items: [item('failed', 'vm.state')] })).toBe(5)
    expect(reportExit({ items: [item('failed', 'lease.held')] })).toBe(9)
    expect(reportExit({ items: [item('unknown')] })).toBe(7)
    expect(reportExit({ items: [item('failed', 'vm.state'), item('done')] })).toBe(6)
    expect(reportExit({ items: [item('failed', 'vm.state'), item('unknown')] })).toBe(7)
    expect(reportExit({ items: [item('unchanged'), item('done')] })).toBe(0)
    expect(reportExit({ items: [] })).toBe(0)
  })
})
