import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unaccounted } from './asks.js'
import { history, historyAbout, playHistory } from './histories.js'
import { planteds } from './turns.js'

const { OVMCLI_SIM_RUNS: runs, OVMCLI_SIM_SECONDS: seconds, OVMCLI_SIM_SEED: seed, OVMCLI_SIM_PATH: path } = process.env
// OVMCLI_SIM_SECONDS: as many histories as that time allows, the first failure is not shrunk but printed for OVMCLI_SIM_SEED and _PATH.
const given = {
  numRuns: Number(runs ?? (seconds ? 1_000_000 : 60)), ...(seconds ? { interruptAfterTimeLimit: Number(seconds) * 1_000, endOnFailure: true } : {}), ...(seed ? { seed: Number(seed), ...(path ? { path } : {}) } : {}),
}

describe('the simulated farm under several clients, crashes and faults', () => {
  // A failing history is printed, shrunk; it plays again with OVMCLI_SIM_SEED and OVMCLI_SIM_PATH set to what is printed.
  it('keeps its invariants after every turn, and loses nothing', async () => {
    let played = 0
    await fc.assert(fc.asyncProperty(history, told => { played++; return playHistory(told) }), given)
    if (seconds) console.log(`${played} histories`)
  }, (Number(seconds ?? (seed ? 480 : 0)) + 120) * 1_000)

  it('asks for every operation that there is', () => {
    // asks.ts says what each is asked with.
    expect(unaccounted()).toEqual([])
  })

  it.each(planteds)('finds a planted defect: %s', async (planted, ways, seed) => {
    // A fixed seed: what is asked is whether the checks see the defect, not how soon chance meets it.
    const found = await fc.check(fc.asyncProperty(historyAbout(ways), told => playHistory(told, planted)), { numRuns: 400, endOnFailure: true, seed })
    expect(found.failed).toBe(true)
    // It is the defect that was seen: without it the same history is as it should be.
    await playHistory(found.counterexample![0])
  })
})
