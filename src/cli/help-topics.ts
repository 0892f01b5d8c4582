import { fieldsOf, kindsWord, recordKinds } from '../contract/fields.js'
import { errorCodes } from '../model/errors.js'
import { exitCodes } from '../model/exit-codes.js'
import type { FilterOperator } from '../model/filter.js'
import { flagFacts } from './command-facts.js'
import { flagRow } from './command-page.js'
import { defaultsText, environment } from './environment.js'
import type { Format } from './global-flags.js'
import type { Block, Page, Section } from './page.js'
import { guardFlags, policyFlags, selectingFlags } from './selection-flags.js'

/** A page of help that is about no single command. Its examples work on a farm figure-8 where the pool of vm1 to vm6 runs. */
export interface HelpTopic { summary: string; sections: () => Section[] }

/** What makes a fresh figure-8 farm ready for the examples of help topics. */
export const topicFarm: readonly string[] = ['vm start --pool pool1', 'vm update vm1 vm2 --tag tier=web', 'vm stop vm2', 'vm pause vm3']

const formatMeanings: Record<Format, string> = {
  table: 'columns for people: a short set of fields, sizes with units, states in words. The default, on a terminal and in a pipe alike',
  wide: 'the same with more columns',
  json: 'one document: an array for lists, an object for one thing. Every field, in the order below',
  jsonl: 'one object a line; of a report, its items',
  yaml: 'the same document as json',
  csv: 'a header and a line each (RFC 4180, but lines end with LF); a missing value is empty, what has structure is JSON',
  name: 'names, one a line, or ids of what has no name; of a report, those of what was done',
}

const operatorMeanings: Record<FilterOperator, string> = {
  '=': 'equal; a|b means either, nothing means missing; of a list one element is enough',
  '!=': 'not equal to any of them',
  '<': 'less, of numbers, sizes and times',
  '<=': 'less or equal',
  '>': 'more',
  '>=': 'more or equal',
  '~': 'a regular expression matches, anywhere in the value',
  '!~': 'it does not',
}

const examples = (...lines: readonly (readonly [string, string])[]): Block[] => lines.map(([description, command]) => ({ commands: [{ description, command: `ovmcli ${command}` }] }))
const flagRows = (flags: Record<string, object>): Block => ({ rows: Object.entries(flags).map(([name, flag]) => flagRow(flagFacts(name, flag as never, false)!)) })

/** Help topics, printed from the tables that they describe. */
export const helpTopics: Readonly<Record<string, HelpTopic>> = {
  'exit-codes': {
    summary: 'what the exit code of a command means',
    sections: () => [
      { title: 'CODES', blocks: [{ rows: Object.entries(exitCodes) }] },
      {
        title: 'WHICH ONE', blocks: [
          { text: 'Before targets are resolved the first of these that applies: interrupted, usage, not found, not permitted, not reachable, refused. After that a command with one target ends with the code of that target; with several it is 7 when the outcome of any is unknown, else 6 when any failed or was not attempted, else 0. What was so already is no failure.' },
          { text: 'Each error code has its exit code: ovmcli help errors.' },
        ],
      },
      { title: 'EXAMPLES', blocks: examples(['Go on only when all of them run', "vm start --pool pool2 -q && echo 'pool2 is up'"], ['Look at the exit code of a dry run, which is that of the real one', 'vm stop vm1 --dry-run; echo $?']) },
    ],
  },
  errors: {
    summary: 'every error code there is',
    sections: () => [
      {
        title: 'FORM', blocks: [
          { text: 'Errors are told on stderr: what happened, to what, what to do next, and the code. With -o json, jsonl or yaml a command that ends before its targets are resolved prints {"error": {"code", "exit", "message", "hint", "details"}} on stdout (docs/schema/error.json); after that the report has an error for each target that failed. Codes are stable; messages are for people, and may change.' },
        ],
      },
      { title: 'CODES', blocks: [{ head: ['CODE', 'EXIT', 'MEANING'], rows: Object.entries(errorCodes).map(([code, { exit, meaning }]) => [code, String(exit), meaning]) }] },
      { title: 'EXAMPLES', blocks: examples(['Take the code of an error apart', 'vm start vm99 -o json | grep \'"code"\''], ['The failed targets of the last run that had any', "run list --filter 'failed>0' --sort startedAt:desc --limit 1"]) },
    ],
  },
  selecting: {
    summary: 'which objects a command acts on, and how it goes about them',
    sections: () => [
      {
        title: 'NAMES', blocks: [
          { text: "A NAME is a name, an id, pool/name, or a quoted glob: 'web*', 'prod/web?', 'vm[1-4]'. Names and the lines of --from add up, each target once, in that order. The narrowing flags narrow them or, where nothing is named, everything there is; one given twice means any of its values, and different ones mean all. --all takes every one." },
          { text: 'Nothing given at all is an error, and so is a name that matches nothing, or that is in two pools: then nothing is done. What you may not see does not exist.' },
        ],
      },
      { title: 'SELECTING', blocks: [flagRows(selectingFlags)] },
      { title: 'GUARDS', blocks: [{ text: 'Checked before anything is done; one that is broken ends the command with exit code 5.' }, flagRows(guardFlags)] },
      { title: 'POLICY', blocks: [{ text: 'How the run goes about its targets.' }, flagRows(policyFlags)] },
      {
        title: 'EXAMPLES', blocks: examples(
          ['Two by name', 'vm start vm7 vm8'], ['A pattern, all but one', "vm pause 'vm[1-4]' --exclude vm2"], ['What is paused in a pool, and no more than six', 'vm unpause --pool pool1 --state paused --max-targets 6'],
          ['By tag, saying what would happen', 'vm reboot --tag tier=web --state running --dry-run'], ['From a list, and only if it is as long as expected', "vm list --pool pool2 --state powered-off -o name | ovmcli vm start --from - --expect 4"],
          ['One first, the rest when it went well', 'vm reboot --state running --pool pool1 --yes --canary 1'],
        ),
      },
    ],
  },
  output: {
    summary: 'formats, fields, streams, colours and widths',
    sections: () => [
      { title: 'FORMATS', blocks: [{ text: '-o, --output FORMAT; --json is -o json.' }, { rows: Object.entries(formatMeanings) }] },
      {
        title: 'WHAT OF IT', blocks: [
          { text: '--columns a,b chooses fields and their order, in every format. Lists are sorted by pool, then name, digits by value (vm9 before vm10); --sort a,b:desc replaces that, --limit N cuts, --filter selects (ovmcli help filters), --no-header leaves the header out.' },
          { text: '--query takes what is wanted out of json and yaml (JMESPath, https://jmespath.org).' },
          { text: 'A missing value is null in json and yaml, empty in csv and - in a table. Sizes are in MiB, durations in seconds, times RFC 3339, UTC, on the clock of the farm. The JSON of every command has a schema: docs/schema, and ovmcli commands names it.' },
        ],
      },
      {
        title: 'WATCHING', blocks: [
          { text: '--watch shows a list again whenever it changes, until Ctrl-C or --timeout (wall time here): on a terminal in place; elsewhere table and wide print a round a time, apart by a blank line, and jsonl prints records that are new or other than before, and {"id":…,"removed":true}. event follow, and --follow on events and jobs, print a line for each that comes.' },
        ],
      },
      {
        title: 'STREAMS', blocks: [
          { text: 'stdout carries the result, one document, and nothing else. Progress, questions, warnings and errors go to stderr; -q leaves only errors there, -v says more. A reader of stdout that goes away ends the command quietly.' },
          { text: 'Colours, progress and cutting of wide cells are for terminals only: in a pipe or file cells are never cut and nothing is coloured. NO_COLOR or --no-color turn colours off. Control characters in data are never printed raw.' },
        ],
      },
      { title: 'DEFAULTS', blocks: [{ text: defaultsText }, { rows: environment }] },
      { title: 'FIELDS', blocks: [{ rows: recordKinds.map(kind => [kind, Object.keys(fieldsOf(kind)).join(' ')]) }] },
      {
        title: 'EXAMPLES', blocks: examples(
          ['A few fields, as CSV without a header', 'vm list --columns name,server,memoryMiB -o csv --no-header'], ['Names for a loop', 'vm list --state running -o name'],
          ['How many guests run', "vm list -o json --query \"length([?state=='running'])\""], ['Guests by server', "vm list -o json --query \"[?server!=null].{vm: name, on: server}\""],
          ['One value of one object', 'server show ovs1 -o json --query memoryFreeMiB'], ['The largest first', 'vm list --sort memoryMiB:desc,name --limit 5 -o wide'],
        ),
      },
    ],
  },
  filters: {
    summary: 'the language of --filter',
    sections: () => [
      {
        title: 'FORM', blocks: [
          { text: "--filter 'FIELD OP VALUE'. Blanks around OP do not matter; a value in quotes is taken as it is. Several filters mean that all of them hold. tags.KEY is the value of a tag. An unknown field, a bad number and a bad expression are errors, exit code 2." },
        ],
      },
      { title: 'OPERATORS', blocks: [{ rows: Object.entries(operatorMeanings) }] },
      { title: 'VALUES', blocks: [{ rows: [['sizes', '512 (MiB), 4GiB, 1.5TiB'], ['times', '2010-07-28T04:00:00Z, or a date alone'], ['yes or no', 'true, yes, 1; false, no, 0'], ['expressions', 'RE2: no look-around, no back references; linear in time, whatever is written']] }] },
      { title: 'FIELDS', blocks: [{ rows: recordKinds.map(kind => [kindsWord(kind), Object.keys(fieldsOf(kind)).join(' ')]) }] },
      {
        title: 'EXAMPLES', blocks: examples(
          ['Either of two states', "vm list --filter 'state=running|paused'"], ['Large ones that are off', "vm list --filter 'memoryMiB >= 4GiB' --filter 'state != running'"], ['By name', "vm list --filter 'name~^vm[0-9]$'"],
          ['All that are no test machines', "vm list --filter 'name !~ test'"], ['By tag', "vm list --filter 'tags.tier=web'"], ['On no server', "vm list --filter 'server='"], ['Servers with room', "server list --filter 'memoryFreeMiB>32GiB' --filter 'vcpusUsed<8'"],
          ['Masters of their pools', "server list --filter 'roles=master'"], ['What started since then', "vm list --filter 'startedAt>2010-07-28T00:00:00Z'"], ['Small or old', "template list --filter 'sizeMiB<=8GiB'"],
        ),
      },
    ],
  },
}

/** A help topic as a page. */
export function topicPage(name: string): Page {
  const { summary, sections } = helpTopics[name]!
  return { name, summary, sections: sections() }
}
