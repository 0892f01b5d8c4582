import { kindWords } from '../../contract/fields.js'
import { Refusal } from '../../model/errors.js'
import { checkName, namesOf } from '../../model/names.js'
import { operationWords, type RunOperation } from '../../model/operations.js'
import type { TargetKind } from '../../model/operations/row.js'
import { reachOf } from '../../model/permissions.js'
import type { Reader } from '../../store/store.js'
import type { NewTarget } from '../making.js'
import type { Caller } from '../principal.js'
import { existing, nameKey } from './scene.js'

/** The pool in which somebody is to make something, by name or id. A user makes what is his own in any. @throws Refusal not-found.pool, auth.denied */
export async function poolFor(reader: Reader, caller: Caller, operation: RunOperation, wanted: string): Promise<{ id: string; name: string }> {
  const rows = await reader.select<{ id: string; name: string }>({ id: 'id', name: 'name' }, 'from pool where id = ? or name = ?', [wanted, wanted])
  const pool = rows.find(row => row.id === wanted) ?? rows[0]
  if (!pool) throw new Refusal('not-found.pool', `no such pool: ${wanted}`, 'pool list shows what there is', { missing: [wanted] })
  if (reachOf(caller.role, operation) !== 'granted' || caller.pools.includes(pool.name)) return pool
  throw new Refusal('auth.denied', `${caller.user} may not ${operationWords(operation)} in pool ${pool.name}`, 'ask an administrator to grant him the pool')
}

/** Checks the names of what is to be made, all of them, before anything is. @throws Refusal usage.name, usage.argument, *.exists */
export async function checkNew(reader: Reader, kind: TargetKind, targets: readonly NewTarget[]): Promise<void> {
  const word = kindWords[kind]
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { name, poolId } of targets) {
    checkName(name, word)
    const key = nameKey(kind, poolId, name)
    if (seen.has(key)) twice.add(name)
    seen.add(key)
  }
  if (twice.size > 0) throw new Refusal('usage.argument', `${namesOf([...twice])} would be made twice`, 'give each a name of its own', { names: [...twice].slice(0, 100) })
  const there = (await existing(reader, kind, targets.map(target => target.name))).filter(one => seen.has(nameKey(kind, one.poolId, one.name)))
  const [first] = there
  if (!first) return
  // Guests and images share their names, so it may be the other.
  const what = there.length > 1 ? 'are' : `is ${articled(kindWords[first.kind])}`
  throw new Refusal(`${kind}.exists` as 'vm.exists', `there ${what} ${namesOf(there.map(one => one.name))} already`, `choose other names: ${first.kind} list shows what there is`, { names: there.slice(0, 100).map(one => one.name) })
}

/** A word behind its article: a guest, an image, an ISO. */
export function articled(word: string): string {
  return `${/^[aeio]/i.test(word) ? 'an' : 'a'} ${word}`
}
