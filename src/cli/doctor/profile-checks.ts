import type { HealthCheck } from '../../contract/farms.js'
import { isOpenToOthers } from '../open-to-others.js'
import { fileOf, profileNames, readProfile } from '../profiles.js'
import { Refusal } from '../refusal.js'
import { ok, warning } from './finding.js'

/** Checks the files of the profiles, where there are any: that they can be read, and by nobody else. What is in use managerChecks tries. */
export function profileChecks(): HealthCheck[] {
  const names = profileNames()
  const faults = names.flatMap(faultOf)
  return names.length === 0 || faults.length > 0 ? faults : [ok('profiles', `${names.length}, for your eyes only: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`)]
}

function faultOf(name: string): HealthCheck[] {
  try {
    readProfile(name)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return [warning('profiles', error.message, error.hint ?? `ovmcli profile remove ${name}`)]
  }
  return isOpenToOthers(fileOf(name)) ? [warning('profiles', `${fileOf(name)} holds a login, and others than you may read it`, `chmod 600 ${fileOf(name)}`)] : []
}
