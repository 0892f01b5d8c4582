import { fieldsOf, kindWords, type RecordKind } from '../contract/fields.js'
import type { Narrowing } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { parseFilter, type FilterTerm } from '../model/filter.js'
import { globToRegExp, isGlob } from '../model/names.js'
import { parseSizeMiB } from '../model/units.js'
import type { Cell } from '../store/store.js'
import { recordSources } from './records.js'

/** A condition in SQL with its parameters. */
export interface Condition { sql: string; params: Cell[] }

/** All of some conditions; none at all is true. */
export function allOf(conditions: readonly Condition[]): Condition {
  return { sql: conditions.map(condition => `(${condition.sql})`).join(' and ') || '1', params: conditions.flatMap(condition => condition.params) }
}

/** Any of some texts in an expression. */
function anyOf(expression: string, values: readonly string[]): Condition {
  return { sql: `${expression} in (${values.map(() => '?').join(', ')})`, params: [...values] }
}

/** What narrowing flags ask of the records of a kind. @throws Refusal usage.filter, usage.argument */
export function narrowed(kind: RecordKind, narrowing: Narrowing): Condition {
  const { expressions, id, name, poolName } = recordSources[kind]
  const conditions: Condition[] = narrowing.filters.map(text => filtered(kind, parseFilter(text)))
  const flag = (field: string, values: readonly string[], conditionOf: (values: readonly string[]) => Condition) => {
    if (values.length === 0) return
    if (!expressions[field]) throw new Refusal('usage.argument', `${kindWords[kind]}s have no ${field} to narrow by`)
    conditions.push(conditionOf(values))
  }
  flag('pool', narrowing.pools, values => ({ sql: `p.id in (select id from pool where ${either([anyOf('name', values), anyOf('id', values)]).sql})`, params: [...values, ...values] }))
  flag('server', narrowing.servers, values => {
    const meant = either([anyOf('x.name', values), anyOf('x.id', values), anyOf(`y.name || '/' || x.name`, values)])
    return { sql: `s.id in (select x.id from server x join pool y on y.id = x.pool_id where ${meant.sql})`, params: meant.params }
  })
  flag('state', narrowing.states, values => anyOf(expressions['state']!, values))
  if (narrowing.tags.length > 0) {
    if (!expressions['tags']) throw new Refusal('usage.argument', `${kindWords[kind]}s have no tags`)
    conditions.push(either(narrowing.tags.map(tag => tagged(tag))))
  }
  for (const glob of narrowing.exclude) {
    const slash = poolName === null ? -1 : glob.indexOf('/')
    const named = like(name ?? id, glob.slice(slash + 1))
    const excluded = slash < 0 ? either([named, { sql: `${id} = ?`, params: [glob] }]) : allOf([named, like(poolName!, glob.slice(0, slash))])
    conditions.push({ sql: `not (${excluded.sql})`, params: excluded.params })
  }
  return allOf(conditions)
}

/** Whether an expression is a name, or matches a glob. */
function like(expression: string, glob: string): Condition {
  return isGlob(glob) ? { sql: `matches(?, ${expression})`, params: [globToRegExp(glob).source] } : { sql: `${expression} = ?`, params: [glob] }
}

function either(conditions: readonly Condition[]): Condition {
  return { sql: conditions.map(condition => condition.sql).join(' or '), params: conditions.flatMap(condition => condition.params) }
}

function tagged(tag: string): Condition {
  const at = tag.indexOf('=')
  const key = at < 0 ? tag : tag.slice(0, at)
  return at < 0 ? { sql: 'g.id in (select vm_id from vm_tag where key = ?)', params: [key] } : { sql: 'g.id in (select vm_id from vm_tag where key = ? and value = ?)', params: [key, tag.slice(at + 1)] }
}

/** A filter term as SQL. @throws Refusal usage.filter */
function filtered(kind: RecordKind, term: FilterTerm): Condition {
  if (term.field.startsWith('tags.') && fieldsOf(kind)['tags']) {
    return tagFiltered(term.field.slice(5), term)
  }
  const field = fieldsOf(kind)[term.field]
  const expression = recordSources[kind].expressions[term.field]
  if (!field || !expression) {
    throw new Refusal('usage.filter', `${kindWords[kind]}s have no field ${JSON.stringify(term.field)}`, `fields: ${Object.keys(fieldsOf(kind)).join(' ')}`)
  }
  if (term.operator === '~' || term.operator === '!~') return regular(expression, term)
  if (field.type === 'list') {
    const equal = { sql: `exists (select 1 from json_each(${expression}) l where ${anyOf('l.value', term.values).sql})`, params: term.values as Cell[] }
    if (term.operator === '=') return equal
    if (term.operator === '!=') return { sql: `not ${equal.sql}`, params: equal.params }
    throw new Refusal('usage.filter', `${term.field} is a list: only =, != , ~ and !~ compare it`)
  }
  return compared(expression, term, text => valueOf(term.field, field, text))
}

/** A tag's value compared; the plain question goes by index. The key holds no quotes: parseFilter sees to it. */
function tagFiltered(key: string, term: FilterTerm): Condition {
  if (term.operator === '=' && !term.values.includes('')) return { sql: `g.id in (select vm_id from vm_tag where key = '${key}' and ${anyOf('value', term.values).sql})`, params: [...term.values] }
  const value = `(select value from vm_tag where vm_id = g.id and key = '${key}')`
  return term.operator === '~' || term.operator === '!~' ? regular(value, term) : compared(value, term, text => text)
}

function compared(expression: string, term: FilterTerm, convert: (text: string) => Cell): Condition {
  const values = term.values.map(text => (text === '' ? null : convert(text)))
  if (term.operator === '=' || term.operator === '!=') {
    const equal = { sql: values.map(value => (value === null ? `(${expression} is null or ${expression} = '')` : `${expression} = ?`)).join(' or '), params: values.filter(value => value !== null) as Cell[] }
    return term.operator === '=' ? equal : { sql: `not coalesce((${equal.sql}), 0)`, params: equal.params }
  }
  return { sql: `${expression} ${term.operator} ?`, params: values }
}

function regular(expression: string, term: FilterTerm): Condition {
  const source = term.values[0] ?? ''
  try {
    new RegExp(source, 's')
  } catch (error) {
    throw new Refusal('usage.filter', `${JSON.stringify(source)} is not a regular expression: ${(error as Error).message.replace(/^.*: /s, '')}`)
  }
  return { sql: `${term.operator === '!~' ? 'not ' : ''}matches(?, ${expression})`, params: [source] }
}

function valueOf(name: string, field: ReturnType<typeof fieldsOf>[string], text: string): Cell {
  const bad = (allowed: string) => new Refusal('usage.filter', `${name}: ${JSON.stringify(text)} is not ${allowed}`)
  switch (field.type) {
    case 'integer':
    case 'number': {
      const value = field.unit === 'MiB' ? parseSizeMiB(text) : /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null
      if (value === null) throw bad(field.unit === 'MiB' ? 'a size such as 4GiB or 512' : 'a number')
      return value
    }
    case 'boolean': {
      if (/^(true|yes|1)$/i.test(text)) return 1
      if (/^(false|no|0)$/i.test(text)) return 0
      throw bad('true or false')
    }
    case 'time': {
      const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN
      if (Number.isNaN(at)) throw bad('a time such as 2010-07-28T00:00:00Z')
      return at
    }
    default: return text
  }
}

/** The `order by` of a list: what `--sort a,b:desc` asks, else pool and name; the id last, so that pages are stable. @throws Refusal usage.filter */
export function ordered(kind: RecordKind, sort: string | null): string {
  const source = recordSources[kind]
  if (!sort) return [...source.order, source.id].join(', ')
  const terms = sort.split(',').map(part => {
    const [name, direction, ...rest] = part.trim().split(':')
    const field = fieldsOf(kind)[name!]
    if (!field || rest.length > 0 || !['asc', 'desc', undefined].includes(direction)) {
      throw new Refusal('usage.filter', `cannot sort ${kindWords[kind]}s by ${JSON.stringify(part.trim())}`, `write FIELD or FIELD:desc; fields: ${Object.keys(fieldsOf(kind)).join(' ')}`)
    }
    const expression = source.expressions[name!]!
    const key = source.sortKeys?.[name!] ?? (field.type === 'text' ? `natural_key(${expression})` : expression)
    return `${key} ${direction ?? 'asc'} nulls last`
  })
  return [...terms, ...source.order, source.id].join(', ')
}
