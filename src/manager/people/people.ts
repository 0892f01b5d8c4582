import type * as v from 'valibot'
import { kindWords } from '../../contract/fields.js'
import { validate, type OperationOptions } from '../../contract/requests.js'
import { Refusal, type ErrorCode, type Fault } from '../../model/errors.js'
import type { UserState } from '../../model/object-states.js'
import { namesOf } from '../../model/names.js'
import type { Role } from '../../model/permissions.js'
import type { Reader } from '../../store/store.js'
import { failedEnd, type ActEnd } from '../acts.js'
import type { ItemRecord, RunRecord } from '../run-records.js'

/** A user as he is recorded, without his password. */
export interface Person { name: string; role: Role; state: UserState; email: string | null; groups: string[]; pools: string[] }

/** Users of a condition over `user`, by name. */
export async function loadPeople(reader: Reader, where: string, params: readonly string[]): Promise<Map<string, Person>> {
  const rows = await reader.select<Omit<Person, 'groups' | 'pools'> & { groups: string; pools: string }>({ name: 'name', role: 'role', state: 'state', email: 'email', groups: 'groups', pools: 'pools' }, `from user where ${where} order by name`, params)
  return new Map(rows.map(row => [row.name, { ...row, groups: JSON.parse(row.groups) as string[], pools: JSON.parse(row.pools) as string[] }]))
}

/** Users by their names. */
export function peopleNamed(reader: Reader, names: readonly string[]): Promise<Map<string, Person>> {
  return loadPeople(reader, 'name in (select value from json_each(?))', [JSON.stringify(names)])
}

/** The users of items, by name. */
export function peopleOf(reader: Reader, items: readonly ItemRecord[]): Promise<Map<string, Person>> {
  return peopleNamed(reader, items.map(item => item.targetId))
}

/** Refuses names of users that there are not, all together. @throws Refusal not-found.user */
export async function mustBeUsers(reader: Reader, names: readonly string[]): Promise<void> {
  const there = await peopleNamed(reader, names)
  const missing = [...new Set(names)].filter(name => !there.has(name))
  if (missing.length > 0) throw new Refusal('not-found.user', `no such user: ${namesOf(missing)}`, 'user list shows what there is', { missing })
}

/** An item that fails. */
export function failed(code: ErrorCode, message: string, hint: string, state: string | null, details: unknown = null): ActEnd {
  return failedEnd({ code, message, hint, details }, state)
}

/** An item whose user or group has gone meanwhile. */
export function gone(item: ItemRecord, kind: 'user' | 'group'): ActEnd {
  return failed(`not-found.${kind}`, `${kindWords[kind]} ${item.name} is gone`, `${kind} list shows what there is`, null)
}

/** An item whose run has its password no more: what was carried out once is not kept for another time. */
export function lostPassword(item: ItemRecord, state: string | null): ActEnd {
  return failed('run.secret', `the password for user ${item.name} is not kept longer than the run that brought it`, 'give it anew, with the command that was to set it', state)
}

/** An item that is so already; `words` say how. */
export function already(run: RunRecord, kind: 'user' | 'group', words: string, state: string | null): ActEnd {
  return run.policy.strict ? failed(`${kind}.unchanged`, words, 'leave out --strict to take that as success', state) : { result: 'unchanged', error: null, state }
}

/** The active administrators, of whom one at least has to stay. */
export class Administrators {
  private constructor(private readonly active: Set<string>) {}

  static async load(reader: Reader): Promise<Administrators> {
    return new Administrators(new Set((await loadPeople(reader, `role = 'administrator' and state = 'active'`, [])).keys()))
  }

  /** Why somebody has to stay one: he is the last; null when he need not. */
  whyStay(name: string): Fault | null {
    if (!this.active.has(name) || this.active.size > 1) return null
    return { code: 'user.last-admin', message: `${name} is the last active administrator`, hint: 'make another user administrator first: user update NAME --role administrator', details: null }
  }

  /** Somebody is one no longer. */
  leave(name: string): void {
    this.active.delete(name)
  }
}

/** What is asked of an item: of each its own where a run is taken back (undo.ts), else what is asked of all. */
export function detailsOf<S extends v.GenericSchema>(schema: S, run: RunRecord, item: ItemRecord): v.InferOutput<S> {
  const own = item.spec as { options?: Partial<OperationOptions> } | null
  return validate(schema, own?.options?.details ?? run.options.details)
}

/** A list of names as it is kept: each once, in the order of their characters. */
export function sorted(names: Iterable<string>): string[] {
  return [...new Set(names)].sort()
}
