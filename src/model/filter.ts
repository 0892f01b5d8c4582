import { Refusal } from './errors.js'

export const filterOperators = ['!=', '<=', '>=', '!~', '=', '<', '>', '~'] as const
/** The longest that a filter may be, in characters. */
const longestFilter = 4_096
/** How a filter compares. */
export type FilterOperator = (typeof filterOperators)[number]

/** One parsed filter: `field OP value`, the values of `a|b` apart for `=` and `!=`. */
export interface FilterTerm {
  field: string
  operator: FilterOperator
  values: string[]
}

/** The term of a filter text (cli.md, "Filters"). @throws Refusal usage.filter */
export function parseFilter(text: string): FilterTerm {
  // The length first: looking for the blanks at the end takes the square of it.
  if (text.length > longestFilter) throw new Refusal('usage.filter', `${JSON.stringify(text.slice(0, 80))}… is too long a filter`, `a filter holds at most ${longestFilter} characters`)
  const match = /^\s*([A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9._-]+)?)\s*(!=|<=|>=|!~|=|<|>|~)\s*(.*?)\s*$/s.exec(text)
  if (!match) {
    throw new Refusal('usage.filter', `${JSON.stringify(text.slice(0, 80))} is not a filter`, "write 'FIELD OP VALUE', OP one of = != < <= > >= ~ !~")
  }
  const operator = match[2] as FilterOperator
  const quoted = /^"(.*)"$|^'(.*)'$/s.exec(match[3]!)
  const value = quoted ? (quoted[1] ?? quoted[2] ?? '') : match[3]!
  const split = (operator === '=' || operator === '!=') && !quoted
  return { field: match[1]!, operator, values: split ? value.split('|').map(part => part.trim()) : [value] }
}
