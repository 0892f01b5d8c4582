import type { HealthCheck } from '../../contract/farms.js'
import { variableOf } from '../defaults.js'
import { defaultable } from '../global-flags.js'
import { passwordVariable } from '../login.js'
import { nearest } from '../near.js'
import { ok, warning } from './finding.js'

/** Variables that are read beside those that hold the default of a flag. */
const ownVariables = ['OVMCLI_HOME', 'OVMCLI_CONFIG_HOME', passwordVariable, 'OVMCLI_VNCVIEWER', 'OVMCLI_DEBUG']

/** Every OVMCLI_… variable that is read. */
export const knownVariables: readonly string[] = [...defaultable.map(variableOf), ...ownVariables]

/** Checks the OVMCLI_… variables that are set: one that nobody reads is mostly a slip of the fingers. */
export function variableChecks(env: NodeJS.ProcessEnv = process.env): HealthCheck[] {
  const check = 'environment'
  const set = Object.keys(env).filter(name => name.startsWith('OVMCLI')).sort()
  const unknown = set.filter(name => !knownVariables.includes(name))
  if (unknown.length === 0) return [ok(check, set.length === 0 ? 'no OVMCLI_… variable is set' : set.map(name => `${name}=${shownValue(name, env[name]!)}`).join(' '))]
  return unknown.map(name => {
    const near = nearest(name, knownVariables)
    return warning(check, `${name} is set, and nothing reads it`, near ? `did you mean ${near}?` : `known are: ${knownVariables.join(' ')}`)
  })
}

/** A secret is never shown. */
function shownValue(name: string, value: string): string {
  return name.includes('PASSWORD') && !name.endsWith('_FILE') ? '…' : value
}
