import { Refusal } from '../model/errors.js'
import { parseFilter, type FilterTerm } from '../model/filter.js'
import { parseSizeMiB } from '../model/units.js'
import type { Field } from './fields.js'
import { readPattern, type Pattern } from './pattern.js'

/** A value to compare with: sizes in MiB, times in milliseconds since 1970, true and false as 1 and 0, plain data as JSON text. */
export type Comparable = string | number | null

/** What a filter asks of a value: to be one of some (null: to be missing or empty), to stand so to another, or to match. */
export type Question =
  | { readonly is: readonly Comparable[] }
  | { readonly stands: '<' | '<=' | '>' | '>='; readonly to: string | number }
  | { readonly matches: Pattern }

/** A filter that was held against the fields it is about. */
export interface Filter {
  /** the field's name; of a tag's value `tags` */
  readonly name: string
  /** how the value is typed; a tag's value is a text that may be missing */
  readonly field: Field
  /** the tag whose value is meant; null: the field itself */
  readonly tag: string | null
  readonly question: Question
  /** `!=` and `!~`: whatever does not answer the question */
  readonly negated: boolean
}

/** One field that a list is sorted by. */
export interface SortTerm { readonly name: string; readonly field: Field; readonly descending: boolean }

/** The most filters of one request: a list of values is one filter (`name=a|b|c`), or goes by --from. */
const mostFilters = 64
const tagValue: Field = { type: 'text', nullable: true, column: 'none' }

/** The filters of a request, in its order; `what` names the rows in messages (`guests`). @throws Refusal usage.filter */
export async function readFilters(what: string, fields: Readonly<Record<string, Field>>, texts: readonly string[]): Promise<Filter[]> {
  if (texts.length > mostFilters) throw new Refusal('usage.filter', `${texts.length} filters are too many`, `there may be ${mostFilters}; several values of one field are one filter: name=a|b|c`)
  // Each in a promise of its own: one that threw at once would leave those before it with nobody who hears of their refusal.
  return Promise.all(texts.map(async text => readFilter(what, fields, parseFilter(text))))
}

async function readFilter(what: string, fields: Readonly<Record<string, Field>>, term: FilterTerm): Promise<Filter> {
  const [name = '', ...key] = term.field.split('.')
  const typed = fieldNamed(fields, name)
  const tag = typed?.type === 'tags' && key.length > 0 ? key.join('.') : null
  if (!typed || (key.length > 0 && tag === null)) throw new Refusal('usage.filter', `${what} have no field ${JSON.stringify(term.field)}`, fieldsAllowed(fields))
  const field = tag === null ? typed : tagValue
  return { name, field, tag, question: await questionOf(term, field), negated: term.operator === '!=' || term.operator === '!~' }
}

async function questionOf({ field: name, operator, values }: FilterTerm, field: Field): Promise<Question> {
  const [value = ''] = values
  switch (operator) {
    case '~':
    case '!~': return { matches: await readPattern(value) }
    case '=':
    case '!=': return { is: [...new Set(values)].map(text => (text === '' ? null : comparableOf(name, field, text))) }
    default: {
      if (field.type === 'list' || field.type === 'tags' || field.type === 'data') {
        throw new Refusal('usage.filter', `${name} has no order: only = != ~ !~ ask for it`, field.type === 'tags' ? `the value of one tag is ${name}.KEY` : null)
      }
      const to = value === '' ? null : comparableOf(name, field, value)
      if (to === null) throw new Refusal('usage.filter', `${name}${operator} wants a value`, `write '${name}${operator}VALUE'; ${name}= finds what is missing`)
      return { stands: operator, to }
    }
  }
}

/** The value that somebody wrote for a field. @throws Refusal usage.filter */
function comparableOf(name: string, field: Field, text: string): string | number {
  const bad = (allowed: string) => new Refusal('usage.filter', `${name}: ${JSON.stringify(text.slice(0, 80))} is not ${allowed}`)
  switch (field.type) {
    case 'integer':
    case 'number': {
      const value = field.unit === 'MiB' ? parseSizeMiB(text) : /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null
      if (value === null || !Number.isFinite(value)) throw bad(field.unit === 'MiB' ? 'a size such as 4GiB or 512' : 'a number')
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
    case 'tags': throw new Refusal('usage.filter', `${name} holds many: ${JSON.stringify(text.slice(0, 80))} cannot be all of it`, `write ${name}.KEY=VALUE; ${name}= finds what has none`)
    default:
      if (field.values && !field.values.includes(text)) throw bad(`one of ${field.values.join(' ')}`)
      return text
  }
}

/** The texts themselves, when they are values that the field can have. @throws Refusal usage.filter */
export function valuesOf(name: string, field: Field, texts: readonly string[]): readonly string[] {
  for (const text of texts) comparableOf(name, field, text)
  return texts
}

/** What `--sort a,b:desc` asks, each field once; none when nothing was asked. @throws Refusal usage.filter */
export function readSort(what: string, fields: Readonly<Record<string, Field>>, sort: string | null): SortTerm[] {
  if (sort === null) return []
  const terms = new Map<string, SortTerm>()
  for (const part of sort.split(',')) {
    const [name = '', direction = 'asc', ...rest] = part.trim().split(':')
    const field = fieldNamed(fields, name)
    if (!field || rest.length > 0 || !['asc', 'desc'].includes(direction)) {
      throw new Refusal('usage.filter', `cannot sort ${what} by ${JSON.stringify(part.trim().slice(0, 80))}`, `write FIELD or FIELD:desc; ${fieldsAllowed(fields)}`)
    }
    // A field that comes again has nothing left to decide.
    if (!terms.has(name)) terms.set(name, { name, field, descending: direction === 'desc' })
  }
  return [...terms.values()]
}

/** Whatever name somebody writes, only a field is found by it, and nothing that every object has. */
function fieldNamed(fields: Readonly<Record<string, Field>>, name: string): Field | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function fieldsAllowed(fields: Readonly<Record<string, Field>>): string {
  return `fields: ${Object.keys(fields).join(' ')}`
}
