import type { HealthCheck } from '../contract/farms.js'
import type { RecordKind } from '../contract/fields.js'
import { Refusal } from '../model/errors.js'
import type { Parts } from './parts.js'
import type { Caller } from './principal.js'

/** Looks into objects of a kind, by their ids, for the caller, who is told of no guest that he may not see: what is recorded is held against what servers say. Reads only. */
export type Checker = (parts: Parts, ids: readonly string[], caller: Caller) => Promise<HealthCheck[]>

/** The kinds that can be checked, each in its room, which is loaded when it is needed. */
const checkers: Partial<Record<RecordKind, () => Promise<Checker>>> = {
  pool: async () => (await import('./pools/check.js')).checkPools,
  vm: async () => (await import('./guests/check.js')).checkGuests,
  repo: async () => (await import('./repos/check.js')).checkRepos,
  server: async () => (await import('./servers/check.js')).checkServers,
}

/** The checker of a kind. @throws Refusal usage.request */
export async function checkerOf(kind: RecordKind): Promise<Checker> {
  const load = checkers[kind]
  if (!load) throw new Refusal('usage.request', `there is nothing to check of a ${kind}`)
  return load()
}
