import { kindWords } from '../contract/fields.js'
import type { Fault } from '../model/errors.js'
import { kindOf, type RunOperation } from '../model/operations.js'
import { reachOf } from '../model/permissions.js'
import type { Reader } from '../store/store.js'
import { reached, type Caller } from './principal.js'
import { allOf } from './query.js'
import { recordSources } from './records.js'

/** Of targets, those that the caller may see but not act on with this operation. */
export async function forbiddenTo(reader: Reader, caller: Caller, operation: RunOperation, targets: readonly { id: string }[]): Promise<ReadonlySet<string>> {
  if (reachOf(caller.role, operation) === 'all') return new Set()
  const { from, id } = recordSources[kindOf(operation)]
  const where = allOf([reached(caller, operation), { sql: `${id} in (select value from json_each(?))`, params: [JSON.stringify(targets.map(target => target.id))] }])
  const allowed = new Set((await reader.select<{ id: string }>({ id }, `from ${from} where ${where.sql}`, where.params)).map(row => row.id))
  return new Set(targets.map(target => target.id).filter(target => !allowed.has(target)))
}

/** The same, with why; those that may be acted on are left out. */
export async function deniedOf(reader: Reader, caller: Caller, operation: RunOperation, targets: readonly { id: string; name: string }[]): Promise<ReadonlyMap<string, Fault>> {
  const forbidden = await forbiddenTo(reader, caller, operation, targets)
  return new Map(targets.filter(target => forbidden.has(target.id)).map(target => [target.id, deniedFault(caller.user, operation, target.name)]))
}

/** What operations do, where their verb does not say it. */
const doing: Partial<Record<RunOperation, string>> = { 'user.password': 'set his password', 'pool.add-server': 'add servers to it', 'pool.remove-server': 'remove servers from it', 'pool.master': 'change its master' }

/** Why a user may not act on an object that he may see. */
export function deniedFault(user: string, operation: RunOperation, name: string): Fault {
  return { code: 'auth.denied', message: `${user} may look at ${kindWords[kindOf(operation)]} ${name}, but not ${doing[operation] ?? `${operation.slice(operation.indexOf('.') + 1)} it`}`, hint: whomToAsk(operation), details: null }
}

/** Guests have owners, what belongs to a pool is for the managers of the pool, and people are for administrators. */
function whomToAsk(operation: RunOperation): string {
  const kind = kindOf(operation)
  if (kind === 'vm') return 'ask its owner, a manager or an administrator'
  return kind === 'user' || kind === 'group' ? 'ask an administrator' : 'ask an administrator to grant the pool'
}
