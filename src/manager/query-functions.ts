import { patternOf } from '../contract/pattern.js'
import { globMatches } from '../model/glob.js'
import { naturalKey } from '../model/names.js'
import type { SqlFunctions } from '../store/sqlite.js'

/**
 * What the manager's queries call beside SQL. `matches` knows the patterns that `readFilters` read: a query that holds one
 * was made from them. A value that is missing matches nothing.
 */
export const queryFunctions: SqlFunctions = {
  natural_key: text => (text === null ? null : naturalKey(String(text))),
  matches: (pattern, text) => (text === null ? 0 : Number(patternOf(String(pattern)).test(String(text)))),
  glob_matches: (glob, text) => (text === null ? 0 : Number(globMatches(String(glob), String(text)))),
}
