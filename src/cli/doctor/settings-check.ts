import type { HealthCheck } from '../../contract/farms.js'
import { Refusal } from '../../model/errors.js'
import { defaultFlags } from '../default-flags.js'
import { readDefaults } from '../defaults.js'
import { globalFlags } from '../global-flags.js'
import { listFlags } from '../record-commands.js'
import { broken, ok } from './finding.js'

/** Checks what config.yaml and the environment say of flags, by the flags' own rules: a bad one fails every command. */
export async function settingsCheck(): Promise<HealthCheck> {
  const check = 'settings'
  try {
    const defaults = await readDefaults()
    await defaultFlags(defaults, { ...globalFlags, ...listFlags('vm') } as never, new Set(), true)
    const set = [...defaults].map(([flag, { texts, source }]) => `${flag}=${texts.join(',')} (${source})`)
    return ok(check, set.length === 0 ? 'no flag has a default of yours' : set.join('; '))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return broken(check, error.message, error.hint ?? 'mend it, or take it away')
  }
}
