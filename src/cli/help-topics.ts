import { fieldsOf, kindWords, recordKinds } from '../contract/fields.js'
import { errorCodes } from '../model/errors.js'
import { exitCodes } from '../model/exit-codes.js'
import { filterOperators } from '../model/filter.js'
import { formats } from './global-flags.js'
import { guardFlags, policyFlags, selectingFlags } from './selection-flags.js'

/** Help topics, printed from the tables they describe. */
export const helpTopics: Readonly<Record<string, () => string>> = {
  'exit-codes': () => Object.entries(exitCodes).map(([code, meaning]) => `${code.padStart(3)}  ${meaning}\n`).join(''),
  errors: () => Object.entries(errorCodes).map(([code, { exit, meaning }]) => `${code.padEnd(24)} exit ${String(exit).padEnd(3)} ${meaning}\n`).join(''),
  selecting: () => `Names are names, ids, pool/name, or quoted globs ('web*', 'prod/web?'). Names and --from add up, each target once, in that
order; the narrowing flags narrow them, or, where nothing is named, everything there is. --all takes every one. Nothing
given at all is an error, and so is a name that matches nothing: then nothing is done.

${flagLines(selectingFlags)}
Guards, checked before anything is done:
${flagLines(guardFlags)}
How the run goes about it:
${flagLines(policyFlags)}`,
  output: () => `-o ${formats.join('|')}; table is the default, on a terminal and in a pipe alike.

json, jsonl and yaml carry every field unless --columns a,b chooses; a table shows a short set, wide more; name prints
names, one a line; csv has a header unless --no-header. Lists are sorted by pool, then name, digits by value; --sort
a,b:desc replaces that, --limit N cuts. stdout carries the result and nothing else: everything for people is on stderr.
A missing value is null in json and yaml, empty in csv, - in a table.

--watch shows a list again whenever it changes, until Ctrl-C or --timeout (wall time here): on a terminal in place; elsewhere
table and wide print a round a time, apart by a blank line, and jsonl prints records that are new or other than before, and
{"id":…,"removed":true}. event follow, and --follow on events and jobs, print a line for each that comes.

Fields:
${recordKinds.map(kind => `  ${kind.padEnd(9)} ${Object.keys(fieldsOf(kind)).join(' ')}\n`).join('')}`,
  filters: () => `--filter 'FIELD OP VALUE', OP one of ${filterOperators.join(' ')}; several filters mean and.

  =  !=         equal, or not; a|b means either; FIELD= matches what is missing; of a list one element is enough
  <  <= >  >=   numbers and times; sizes take units: memoryMiB>=4GiB
  ~  !~         a regular expression that matches anywhere, or does not
  tags.KEY=V    the value of a tag

Examples: 'state=running|paused'   'name~^web[0-9]+$'   'tags.tier=web'   'startedAt>2010-07-28T00:00:00Z'
${kindWords.vm}s have: ${Object.keys(fieldsOf('vm')).join(' ')}
`,
}

function flagLines(flags: Record<string, { description?: string; type: 'option' | 'boolean' }>): string {
  return Object.entries(flags).map(([name, { description, type }]) => `  ${`--${name}${type === 'option' ? ' …' : ''}`.padEnd(18)} ${description ?? ''}\n`).join('')
}
