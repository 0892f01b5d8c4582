import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cases } from '../fuzz/argv.js'
import { HostileFarm } from '../fuzz/hostile-farm.js'

// `npm run fuzz` runs many (scripts/fuzz.mjs); here as many as a few seconds hold. What is printed of a failure plays again by
// OVMCLI_FUZZ_SEED, or one case alone by the words it shows.
const { OVMCLI_FUZZ_CASES: count, OVMCLI_FUZZ_SECONDS: seconds = count ? undefined : '5', OVMCLI_FUZZ_SEED: given } = process.env
const seed = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given)

it('survives hostile command lines: each ends with a code of the contract and readable output, and a refused one changes nothing', async () => {
  const farm = await HostileFarm.make()
  let run = 0
  const began = performance.now()
  try {
    const property = fc.asyncProperty(await cases(), async one => {
      run++
      if (count && run % 5_000 === 0) console.log(`${run} cases, ${Math.round((performance.now() - began) / 1_000)} s`)
      await farm.judge(one)
    })
    const found = await fc.check(property, { seed, numRuns: Number(count ?? 1_000_000), ...(seconds ? { interruptAfterTimeLimit: Number(seconds) * 1_000 } : {}) })
    const exits = [...farm.seen].sort(([a], [b]) => a - b).map(([exit, times]) => `${exit}: ${times}`).join(', ')
    console.log(`seed ${seed}: ${run} cases in ${((performance.now() - began) / 1_000).toFixed(1)} s; exits ${exits}; ${farm.changes} changed the farm`)
    if (found.failed) throw new Error(`seed ${seed}, case ${found.numRuns} (${found.numShrinks} times shrunk): ${(found.errorInstance as Error | null)?.message}`)
    expect(run).toBeGreaterThan(100)
  } finally {
    await farm.drop()
  }
})
