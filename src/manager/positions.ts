import type { RecordKind } from '../contract/fields.js'
import { Refusal } from '../model/errors.js'
import type { Reader } from '../store/store.js'
import type { Condition } from './query.js'

/** Jobs that may still change: of runs that are not over, or with an outcome that nobody has seen yet. */
const openRuns = `select id from run where state in ('running', 'interrupted') union select run from item where lease is not null`

/**
 * Where one who follows goes on: behind the last event there is; behind the last run there is, keeping those in sight of which
 * jobs may still change (`412`, `412:17,398`). Null for kinds that nobody can follow.
 */
export async function positionNow(reader: Reader, kind: RecordKind): Promise<string | null> {
  const lastOf = async (table: 'event' | 'run') => (await reader.select<{ last: number }>({ last: 'coalesce(max(seq), 0)' }, `from ${table}`))[0]!.last
  if (kind === 'event') return String(await lastOf('event'))
  if (kind !== 'job') return null
  const open = await reader.select<{ seq: number }>({ seq: 'seq' }, `from run where id in (${openRuns}) order by seq`)
  return `${await lastOf('run')}${open.length === 0 ? '' : `:${open.map(run => run.seq).join(',')}`}`
}

/** What may be new since a position: events after it; all jobs of runs that came after it, that were open then, or are open now. @throws Refusal usage.request */
export function comeSince(kind: RecordKind, position: string): Condition {
  const match = /^(\d{1,15})(?::(\d{1,15}(?:,\d{1,15})*))?$/.exec(position)
  if (!match || (kind !== 'event' && kind !== 'job')) throw new Refusal('usage.request', `${JSON.stringify(position.slice(0, 80))} is no position among ${kind}s`, 'give the position of a page, to lists of events and jobs')
  const last = Number(match[1])
  if (kind === 'event') return { sql: 'e.seq > ?', params: [last] }
  const before = `[${match[2] ?? ''}]`
  return { sql: `u.id in (select id from run where seq > ? union select id from run where seq in (select value from json_each(?)) union ${openRuns})`, params: [last, before] }
}
