import type { FarmKeeper, HealthCheck } from '../../contract/farms.js'
import { Refusal } from '../../model/errors.js'
import { broken, ok } from './finding.js'

/** Checks the farms of the home, and that what reads them can be loaded. @param elsewhere where commands work, in words, when that is no farm of the home: then it need have none */
export async function farmChecks(open: () => Promise<FarmKeeper>, named: string | null, elsewhere: string | null): Promise<HealthCheck[]> {
  let keeper: FarmKeeper
  try {
    keeper = await open()
  } catch (error) {
    if (error instanceof Refusal) return [broken('farms', error.message, error.hint ?? 'see the other errors')]
    // SQLite is a native module: one for another Node or machine fails here.
    return [broken('database', `what reads the farms cannot be loaded: ${(error as Error).message.split('\n')[0]}`, 'install ovmcli again with this Node')]
  }
  const checks = await keeper.check(named)
  return elsewhere === null ? checks : checks.map(one => (one.check === 'current farm' && one.result === 'warning' ? ok(one.check, `none here: commands work on ${elsewhere}`) : one))
}
