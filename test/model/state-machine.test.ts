import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge, settledStates, vmOperations, vmStates, vmTransition } from '../../src/model/vm-states.js'

const operation = fc.constantFrom(...vmOperations)
const state = fc.constantFrom(...vmStates)

describe('the state table of guests', () => {
  it('never leaves a guest in a state that is not settled', () => {
    fc.assert(fc.property(operation, name => { const { to } = vmTransition(name); expect(to === null || settledStates.includes(to)).toBe(true) }))
  })

  it('passes through states from which no operation but reset-status begins', () => {
    fc.assert(fc.property(operation, operation, (first, second) => {
      const { via } = vmTransition(first)
      if (via !== null && second !== 'reset-status') expect(judge(second, via, true)).toBe('refused')
    }))
  })

  it('is idempotent: after an operation with a state of its own, asking again is already so, where the state is another than before', () => {
    fc.assert(fc.property(operation, state, (name, from) => {
      const { to } = vmTransition(name)
      if (judge(name, from, false) !== 'allowed' || to === null || to === from) return
      expect(judge(name, to, false)).toBe('already')
    }))
  })

  it('allows with force whatever it allows without', () => {
    fc.assert(fc.property(operation, state, (name, from) => { if (judge(name, from, false) === 'allowed') expect(judge(name, from, true)).toBe('allowed') }))
  })

  it('is the table of the design, row by row', () => {
    const from = Object.fromEntries(vmOperations.map(name => [name, [...vmTransition(name).from]]))
    expect(from).toMatchObject({
      start: ['powered-off', 'unknown', 'error'], stop: ['running', 'unknown', 'error'], reboot: ['running'], pause: ['running'], unpause: ['paused'], suspend: ['running'], resume: ['suspended'], migrate: ['running'],
      clone: ['powered-off'], template: ['powered-off'], move: ['powered-off'], delete: ['powered-off', 'error', 'unknown'],
    })
    expect(vmTransition('stop').forcedFrom).toEqual(['paused', 'suspended'])
  })
})
