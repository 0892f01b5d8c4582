import { fieldsOf, kindsWord, kindWords, type FieldType, type RecordKind } from '../contract/fields.js'
import { readFilters, valuesOf, readSort, type Filter, type Question } from '../contract/filters.js'
import type { Narrowing } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { checkGlob, isGlob } from '../model/glob.js'
import { namesOf } from '../model/names.js'
import type { Cell, Reader } from '../store/store.js'
import { asText, recordSources } from './records.js'

/** A condition in SQL with its parameters. */
export interface Condition { sql: string; params: Cell[] }

/** All of some conditions; none at all is true. */
export function allOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? { sql: '1', params: [] } : joined(conditions, 'and')
}

/** Any of some conditions, of which there is one at least. */
function either(conditions: readonly Condition[]): Condition {
  return joined(conditions, 'or')
}

/** Joined in halves: SQLite reads no expression that is a thousand deep. */
function joined(conditions: readonly Condition[], word: 'and' | 'or'): Condition {
  if (conditions.length > 8) {
    const half = Math.ceil(conditions.length / 2)
    return joined([joined(conditions.slice(0, half), word), joined(conditions.slice(half), word)], word)
  }
  return { sql: conditions.map(condition => `(${condition.sql})`).join(` ${word} `), params: conditions.flatMap(condition => condition.params) }
}

/** An expression that is one of some values; many are one parameter. */
function anyOf(expression: string, values: readonly (string | number)[]): Condition {
  if (values.length === 1) return { sql: `${expression} = ?`, params: [...values] }
  return { sql: `${expression} in (select value from json_each(?))`, params: [JSON.stringify(values)] }
}

/** Refuses pools and servers that there are not: a slip is not to look like nothing there. @throws Refusal not-found.pool, not-found.server */
export async function checkPlaces(reader: Reader, { pools, servers }: Narrowing): Promise<void> {
  for (const [kind, names] of [['pool', pools], ['server', servers]] as const) {
    if (names.length === 0) continue
    const { from, id, name, poolName } = recordSources[kind]
    const spelled = [id, name!, ...(poolName === null ? [] : [`${poolName} || '/' || ${name!}`])]
    const missing = await reader.select<{ name: string }>({ name: 'value' }, `from json_each(?) where value not in (${spelled.map(one => `select ${one} from ${from}`).join(' union all ')})`, [JSON.stringify(names)])
    if (missing.length > 0) throw new Refusal(`not-found.${kind}`, `no such ${kindWords[kind]}: ${namesOf(missing.map(one => one.name))}`, `${kind} list shows what there is`, { missing: missing.map(one => one.name) })
  }
}

/** What narrowing flags ask of the records of a kind. @throws Refusal usage.filter, usage.argument */
export async function narrowed(kind: RecordKind, narrowing: Narrowing): Promise<Condition> {
  const { expressions, id, name, poolName, also } = recordSources[kind]
  const conditions: Condition[] = (await readFilters(kindsWord(kind), fieldsOf(kind), narrowing.filters)).map(filter => filtered(kind, filter))
  const flag = (field: string, values: readonly string[], conditionOf: (values: readonly string[]) => Condition) => {
    if (values.length === 0) return
    if (!expressions[field]) throw new Refusal('usage.argument', `${kindsWord(kind)} have no ${field} to narrow by`)
    conditions.push(conditionOf(values))
  }
  flag('pool', narrowing.pools, values => {
    const meant = either([anyOf('name', values), anyOf('id', values)])
    return { sql: `p.id in (select id from pool where ${meant.sql})`, params: meant.params }
  })
  flag('server', narrowing.servers, values => {
    const meant = either([anyOf('x.name', values), anyOf('x.id', values), anyOf(`y.name || '/' || x.name`, values)])
    return { sql: `s.id in (select x.id from server x join pool y on y.id = x.pool_id where ${meant.sql})`, params: meant.params }
  })
  flag('state', narrowing.states, values => anyOf(expressions['state']!, valuesOf('state', fieldsOf(kind)['state']!, values)))
  if (narrowing.tags.length > 0) {
    if (!expressions['tags']) throw new Refusal('usage.argument', `${kindsWord(kind)} have no tags`)
    conditions.push(either(narrowing.tags.map(tag => tagged(tag))))
  }
  for (const glob of narrowing.exclude) {
    const slash = poolName === null || (also !== undefined && glob.startsWith('/')) ? -1 : glob.indexOf('/')
    const named = like(name ?? id, glob.slice(slash + 1))
    const excluded = slash < 0 ? either([named, { sql: `${id} = ?`, params: [glob] }]) : allOf([named, like(poolName!, glob.slice(0, slash))])
    conditions.push({ sql: `not (${excluded.sql})`, params: excluded.params })
  }
  return allOf(conditions)
}

/** Whether an expression is a name, or matches a glob. @throws Refusal usage.argument */
export function like(expression: string, glob: string): Condition {
  return isGlob(glob) ? { sql: `glob_matches(?, ${expression})`, params: [checkGlob(glob)] } : { sql: `${expression} = ?`, params: [glob] }
}

function tagged(tag: string): Condition {
  const at = tag.indexOf('=')
  const key = at < 0 ? tag : tag.slice(0, at)
  return at < 0 ? { sql: 'g.id in (select vm_id from vm_tag where key = ?)', params: [key] } : { sql: 'g.id in (select vm_id from vm_tag where key = ? and value = ?)', params: [key, tag.slice(at + 1)] }
}

/** A filter as SQL. */
function filtered(kind: RecordKind, filter: Filter): Condition {
  const { sql, params } = asked(recordSources[kind].expressions[filter.name]!, filter)
  return filter.negated ? { sql: `not coalesce((${sql}), 0)`, params } : { sql, params }
}

/** The question of a filter as SQL; null counts as no. */
function asked(column: string, { field, tag, question }: Filter): Condition {
  if (tag !== null) return askedOfTag(tag, question)
  if (field.type === 'list') {
    const ofOne = askedOf('l.value', 'text', question)
    const some: Condition = { sql: `exists (select 1 from json_each(${column}) l where ${ofOne.sql})`, params: ofOne.params }
    return 'is' in question && question.is.includes(null) ? either([some, { sql: `coalesce(${column}, '[]') = '[]'`, params: [] }]) : some
  }
  return askedOf(column, field.type, question)
}

/** A tag's value; the plain question goes by index. */
function askedOfTag(key: string, question: Question): Condition {
  if ('is' in question && !question.is.includes(null)) {
    const value = askedOf('value', 'text', question)
    return { sql: `g.id in (select vm_id from vm_tag where key = ? and ${value.sql})`, params: [key, ...value.params] }
  }
  // The key holds no quotes: parseFilter sees to it.
  return askedOf(`(select value from vm_tag where vm_id = g.id and key = '${key}')`, 'text', question)
}

function askedOf(expression: string, type: FieldType, question: Question): Condition {
  if ('matches' in question) return { sql: `matches(?, ${asText(type, expression)})`, params: [question.matches.source] }
  if ('stands' in question) return { sql: `${expression} ${question.stands} ?`, params: [question.to] }
  const values = question.is.filter(value => value !== null)
  const missing: Condition = { sql: `${expression} is null or ${expression} = ${type === 'tags' ? `'{}'` : `''`}`, params: [] }
  if (values.length === question.is.length) return anyOf(expression, values)
  return values.length === 0 ? missing : either([missing, anyOf(expression, values)])
}

/** The `order by` of a list: what `--sort a,b:desc` asks, else pool and name; the id last, so that pages are stable. @throws Refusal usage.filter */
export function ordered(kind: RecordKind, sort: string | null): string {
  const source = recordSources[kind]
  const terms = readSort(kindsWord(kind), fieldsOf(kind), sort).map(({ name, field, descending }) =>
    `${source.sortKeys?.[name] ?? sortKey(field.type, source.expressions[name]!)} ${descending ? 'desc' : 'asc'} nulls last`)
  return [...terms, ...source.order, source.id].join(', ')
}

function sortKey(type: FieldType, expression: string): string {
  switch (type) {
    case 'text': return `natural_key(${expression})`
    case 'list': return `nullif(${expression}, '[]')`
    case 'tags': return `nullif(${expression}, '{}')`
    default: return expression
  }
}
