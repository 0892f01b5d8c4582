import type { RecordKind } from '../contract/fields.js'
import type { SuggestRequest } from '../contract/requests.js'
import { groupBy } from '../model/group.js'
import type { Cell, Reader } from '../store/store.js'
import { mayLook } from './looking.js'
import { visible, type Caller } from './principal.js'
import { allOf, type Condition } from './query.js'
import { recordSources } from './records.js'

/** Events have no index by id, so that only so many of the newest are suggested. */
const newestEvents = 1_000

/**
 * Names that begin with the prefix, by index, at most so many. A list would have to sort all that match before it cuts; this
 * reads in the order of the index and stops.
 */
export async function suggestNames(reader: Reader, caller: Caller, { kind, prefix, limit }: SuggestRequest): Promise<string[]> {
  if (kind === 'tag') return tags(reader, caller, prefix, limit)
  const { poolName, also } = recordSources[kind]
  if (also !== undefined) return devices(reader, caller, kind, prefix, limit)
  const slash = poolName === null ? -1 : prefix.indexOf('/')
  if (slash >= 0) {
    const pool = prefix.slice(0, slash)
    const names = await namesOf(reader, caller, kind, prefix.slice(slash + 1), limit, [{ sql: `${poolName} = ?`, params: [pool] }])
    return names.map(name => `${pool}/${name}`)
  }
  const names = await namesOf(reader, caller, kind, prefix, limit, [])
  if (names.length > 0 || poolName === null || prefix === '') return names
  return (await namesOf(reader, caller, 'pool', prefix, limit, [])).map(pool => `${pool}/`)
}

/**
 * What is called by a device, of which there are few: by that alone where one pool has it, else, or when a pool was begun, as
 * `pool/device`; ids are suggested to whoever begins one.
 */
async function devices(reader: Reader, caller: Caller, kind: RecordKind, prefix: string, limit: number): Promise<string[]> {
  const { from, name, id, poolName } = recordSources[kind]
  const where = mayLook(kind, caller)
  const rows = await reader.select<{ id: string; device: string; pool: string }>({ id, device: name!, pool: poolName! }, `from ${from} where ${where.sql}`, where.params)
  const pools = groupBy(rows, row => row.device)
  const words = rows.flatMap(row => [...(pools.get(row.device)!.length === 1 ? [row.device] : []), `${row.pool}/${row.device}`, row.id].find(word => word.startsWith(prefix)) ?? []).sort()
  return words.length <= limit ? words : [...words.slice(0, limit - 1), words.at(-1)!]
}

function namesOf(reader: Reader, caller: Caller, kind: RecordKind, prefix: string, limit: number, more: readonly Condition[]): Promise<string[]> {
  const { from, name, id } = recordSources[kind]
  const word = name ?? id
  const rows = kind === 'event' ? `(select * from event order by seq desc limit ${newestEvents}) e` : from
  const where = allOf([begins(word, prefix), mayLook(kind, caller), ...more])
  return upTo(reader, word, `from ${rows} where ${where.sql} group by ${word}`, where.params, limit)
}

/** The first of the rows, at most so many, and in place of the last of these the last of all. */
async function upTo(reader: Reader, word: string, rest: string, params: readonly Cell[], limit: number): Promise<string[]> {
  const read = async (direction: 'asc' | 'desc', count: number) => (await reader.select<{ word: string }>({ word }, `${rest} order by ${word} ${direction} limit ?`, [...params, count])).map(row => row.word)
  const words = await read('asc', limit)
  return words.length < limit ? words : [...words.slice(0, -1), ...(await read('desc', 1))]
}

/** Whether a text begins with another, as a range of an index. */
function begins(expression: string, prefix: string): Condition {
  return prefix === '' ? { sql: '1', params: [] } : { sql: `${expression} >= ? and ${expression} < ?`, params: [prefix, `${prefix}\u{10ffff}`] }
}

/** Keys of tags, or tags of a key, each found by one step into the index behind the last. */
async function tags(reader: Reader, caller: Caller, prefix: string, limit: number): Promise<string[]> {
  const equals = prefix.indexOf('=')
  const [column, key, begun] = equals < 0 ? (['key', null, prefix] as const) : (['value', prefix.slice(0, equals), prefix.slice(equals + 1)] as const)
  const ofKey: Condition = key === null ? { sql: '1', params: [] } : { sql: 'key = ?', params: [key] }
  const steps: Condition = {
    sql: `(with recursive step(word) as (select min(${column}) from vm_tag where ${ofKey.sql} and ${column} >= ? union all
      select (select min(${column}) from vm_tag where ${ofKey.sql} and ${column} > step.word) from step where step.word is not null limit ?) select word from step where word is not null) w`,
    params: [...ofKey.params, begun, ...ofKey.params, limit],
  }
  const seen = 'from vm_tag t join vm g on g.id = t.vm_id join pool p on p.id = g.pool_id'
  const onSeen = allOf([ofKey, visible(caller)])
  const where = allOf([begins('w.word', begun), { sql: `exists (select 1 ${seen} where t.${column} = w.word and ${onSeen.sql})`, params: onSeen.params }])
  const words = (await reader.select<{ word: string }>({ word: 'w.word' }, `from ${steps.sql} where ${where.sql} order by w.word`, [...steps.params, ...where.params])).map(row => row.word)
  if (words.length === limit) {
    const last = allOf([begins(`t.${column}`, begun), onSeen])
    words.splice(-1, 1, ...(await reader.select<{ word: string }>({ word: `t.${column}` }, `${seen} where ${last.sql} order by t.${column} desc limit 1`, last.params)).map(row => row.word))
  }
  return words.map(word => (key === null ? word : `${key}=${word}`))
}
