import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { history, playHistory } from './histories.js'
import type { Planted } from './turns.js'

const runs = Number(process.env['OVMCLI_SIM_RUNS'] ?? 60)
const given = process.env['OVMCLI_SIM_SEED'] === undefined ? {} : { seed: Number(process.env['OVMCLI_SIM_SEED']), ...(process.env['OVMCLI_SIM_PATH'] ? { path: process.env['OVMCLI_SIM_PATH'] } : {}) }

describe('the simulated farm under several clients, crashes and faults', () => {
  // A failing history is printed, shrunk; it plays again with OVMCLI_SIM_SEED and OVMCLI_SIM_PATH set to what is printed.
  it('keeps its invariants after every turn, and loses nothing', async () => {
    await fc.assert(fc.asyncProperty(history, told => playHistory(told)), { numRuns: runs, ...given })
  })

  it.each<Planted>(['reported-before-committed', 'lease-not-checked'])('finds a planted defect: %s', async planted => {
    const found = await fc.check(fc.asyncProperty(history, told => playHistory(told, planted)), { numRuns: 200, endOnFailure: true })
    expect(found.failed).toBe(true)
  })
})
