import { checkGlob, globMatches } from '../model/glob.js'
import { naturalKey } from '../model/names.js'
import type { Field } from './fields.js'
import { readFilters, readSort, type Comparable, type Filter, type Question, type SortTerm } from './filters.js'

/** What is asked of a list (cli.md, "Filters"); what is left out asks for nothing. */
export interface RowsAsked {
  filters?: readonly string[]
  /** `a,b:desc` */
  sort?: string | null
  limit?: number | null
  /** globs of names, or ids, that are to be left out; `pool/glob` where rows have a pool */
  exclude?: readonly string[]
  /** what the rows are called in messages (`farms`) */
  what?: string
}

type Fields = Readonly<Record<string, Field>>
type Values = Readonly<Record<string, unknown>>

/**
 * The rows that filters let through, sorted and cut: what the manager does in SQL for its records (src/manager/query.ts), for
 * lists that are not in a database. Rows hold the values that would be printed; unsorted they keep their order.
 * @throws Refusal usage.filter, usage.argument
 */
export async function selectRows<Row extends object>(fields: Fields, rows: readonly Row[], asked: RowsAsked): Promise<Row[]> {
  const what = asked.what ?? 'rows'
  const filters = await readFilters(what, fields, asked.filters ?? [])
  const excluded = (asked.exclude ?? []).map(glob => namedBy(fields, glob))
  const sort = readSort(what, fields, asked.sort ?? null)
  const kept = rows.filter(row => filters.every(filter => passes(filter, row as Values)) && !excluded.some(isNamed => isNamed(row as Values)))
  const sorted = sort.length === 0 ? kept : sortedBy(sort, kept)
  return sorted.slice(0, asked.limit ?? undefined)
}

/** Whether a row passes a filter; a list does when one element does. */
function passes({ name, field, tag, question, negated }: Filter, row: Values): boolean {
  const value = tag === null ? row[name] : tagOf(row[name], tag)
  const values: readonly unknown[] = Array.isArray(value) && value.length > 0 ? value : [value]
  return values.some(one => answers(question, field, one)) !== negated
}

/** Whether a value answers a question; one that is missing answers only to being missing. */
function answers(question: Question, field: Field, value: unknown): boolean {
  const given = comparable(field, value)
  if ('is' in question) return question.is.some(wanted => (wanted === null ? given === null || given === '' : given === wanted))
  if (given === null) return false
  if ('matches' in question) return question.matches.test(typeof value === 'object' ? JSON.stringify(value) : String(value))
  const order = compare(given, question.to)
  switch (question.stands) {
    case '<': return order < 0
    case '<=': return order <= 0
    case '>': return order > 0
    case '>=': return order >= 0
  }
}

function tagOf(tags: unknown, key: string): unknown {
  return typeof tags === 'object' && tags !== null && Object.hasOwn(tags, key) ? (tags as Values)[key] : null
}

/** A printed value as it is compared; an empty list, or no tags at all, is as good as none. */
function comparable(field: Field, value: unknown): Comparable {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'string' && field.type === 'time') return Date.parse(value)
  if (typeof value === 'string' || typeof value === 'number') return value
  return field.type !== 'data' && Object.keys(value).length === 0 ? null : JSON.stringify(value)
}

/** Numbers by value, texts as the database compares them: by code points, which JavaScript does not. */
function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

/** Rows by some fields: texts in natural order, nulls last in either direction; what is equal keeps its order. */
function sortedBy<Row extends object>(terms: readonly SortTerm[], rows: readonly Row[]): Row[] {
  const keyed = rows.map(row => ({ row, keys: terms.map(({ name, field }) => sortKey(field, (row as Values)[name])) }))
  keyed.sort((a, b) => {
    for (const [at, { descending }] of terms.entries()) {
      const [first, second] = [a.keys[at]!, b.keys[at]!]
      if (first === null || second === null) {
        if (first !== second) return first === null ? 1 : -1
        continue
      }
      const order = compare(first, second)
      if (order !== 0) return descending ? -order : order
    }
    return 0
  })
  return keyed.map(({ row }) => row)
}

function sortKey(field: Field, value: unknown): Comparable {
  const key = comparable(field, value)
  return field.type === 'text' && typeof key === 'string' ? naturalKey(key) : key
}

/** Whether a row is meant by a glob of its name, by its id, or by `pool/glob`. @throws Refusal usage.argument */
function namedBy(fields: Fields, glob: string): (row: Values) => boolean {
  const slash = Object.hasOwn(fields, 'pool') ? glob.indexOf('/') : -1
  const name = checkGlob(glob.slice(slash + 1))
  const pool = checkGlob(glob.slice(0, Math.max(slash, 0)))
  return row => {
    const isNamed = globMatches(name, String(row['name'] ?? row['id']))
    return slash < 0 ? isNamed || row['id'] === glob : isNamed && globMatches(pool, String(row['pool']))
  }
}
