import type { Interfaces } from '@oclif/core'
import fc from 'fast-check'
import { topicAliases, verbAliases } from '../../src/cli/aliases.js'
import { globalFlags } from '../../src/cli/global-flags.js'
import { quoted } from '../../src/cli/shell-words.js'
import { commandTable } from '../../src/command-table.js'
import { garbage, listFile, name, valueOf } from './values.js'

/** One case: the words, what is in the files that they may name, and the environment's defaults. */
export interface Case {
  argv: string[]
  from: Uint8Array
  lines: Uint8Array
  env: Record<string, string>
}

/** Commands that wait for real time to pass; without a deadline they refuse to where nobody reads them before their end. */
const endless = /^event follow$/
/** Changes of the home itself: most cases are to find the farm that they were written for. */
const seldom = /^(sim create|sim delete|sim use)$/

type AnyFlag = Interfaces.FlagInput[string] & { hidden?: boolean }

/** Cases over the commands that there are: words of a grammar with good and bad values, and words of none. */
export async function cases(): Promise<fc.Arbitrary<Case>> {
  // A shell is for somebody who types.
  const ids = Object.keys(commandTable).filter(id => id !== 'shell')
  const commands: { weight: number; arbitrary: fc.Arbitrary<string[]> }[] = []
  for (const id of ids) {
    const { default: found } = (await commandTable[id]!()) as { default: { flags?: Record<string, AnyFlag> } }
    commands.push({ weight: seldom.test(id) ? 1 : 5, arbitrary: commandLine(id, { ...globalFlags, ...found.flags } as Record<string, AnyFlag>) })
  }
  const line = fc.oneof({ weight: 20, arbitrary: fc.oneof(...commands) }, { weight: 1, arbitrary: fc.array(fc.oneof(name, garbage), { maxLength: 5 }) }, { weight: 1, arbitrary: fc.tuple(fc.constantFrom('help', '--help', '-h'), fc.constantFrom(...ids)).map(([help, id]) => [help, ...id.split(' ')]) })
  const batchLine = fc.oneof({ weight: 5, arbitrary: line.filter(isBounded).map(words => words.map(quoted).join(' ')) }, { weight: 1, arbitrary: garbage })
  const lines = fc.oneof({ weight: 5, arbitrary: fc.array(batchLine, { maxLength: 4 }).map(parts => Buffer.from(parts.join('\n'))) }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) })
  const variable = fc.constantFrom('OUTPUT', 'COLUMNS', 'QUERY', 'NO_HEADER', 'USER', 'FARM', 'TIMEOUT', 'QUIET', 'VERBOSE', 'NO_COLOR', 'SORT', 'FILTER', 'LIMIT')
  const env = fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.dictionary(variable.map(part => `OVMCLI_${part}`), fc.oneof(garbage, valueOf('output', 'text'), valueOf('filter', 'text')), { maxKeys: 2 }) })
  return fc.record({ argv: line.filter(isBounded), from: listFile, lines, env })
}

/** Whether a command line ends by itself: what follows refuses to where nobody reads it before its end, unless it is given real time (--timeout) or a number to wait for (--limit). */
function isBounded(argv: readonly string[]): boolean {
  const follows = argv.some(word => word === '--watch' || word === '--follow') || (argv.includes('follow') && argv.includes('event'))
  return !follows || !argv.some(word => /^--[tl]/.test(word))
}

function commandLine(id: string, flags: Record<string, AnyFlag>): fc.Arbitrary<string[]> {
  const flagWords = fc.oneof(...Object.entries(flags).filter(([flag]) => !(endless.test(id) && (flag === 'timeout' || flag === 'limit'))).map(([flag, facts]) => ({ weight: /^(filter|sort|columns|query|from)$/.test(flag) ? 4 : 1, arbitrary: spelled(flag, facts) })))
  const part = fc.oneof(
    { weight: 6, arbitrary: flagWords }, { weight: 5, arbitrary: name.map(word => [word]) }, { weight: 1, arbitrary: garbage.map(word => [word]) }, { weight: 1, arbitrary: garbage.map(word => [`--${word}`]) },
    { weight: 1, arbitrary: fc.constantFrom('--', '-', '-x', '-qv', '-ojson', '-qo', '--no-yes', '--no-json', '--output=', '--json=true').map(word => [word]) },
  )
  const typical: fc.Arbitrary<string[]> = id === 'batch' ? fc.constantFrom(['LINES'], ['LINES'], ['LINES', '--stop-on-error'], ['-']) : fc.constantFrom<string[][]>([], [], ['-o', 'json'], ['-o', 'json'], ['--yes', '-o', 'json'], ['-o', 'yaml'], ['-o', 'csv'], ['-o', 'jsonl'], ['--dry-run', '-o', 'json'], ['vm1'], ['vm1', 'vm2', '--yes'], ['--all', '--yes'])
  const global = fc.oneof({ weight: 8, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: fc.oneof(...Object.entries(globalFlags).map(([flag, facts]) => spelled(flag, facts as AnyFlag))) })
  return fc.tuple(global, commandWords(id), typical, fc.oneof({ weight: 3, arbitrary: fc.array(part, { maxLength: 1 }) }, { weight: 2, arbitrary: fc.array(part, { maxLength: 5 }) }), fc.boolean()).map(([leading, words, usual, parts, twice]) => [...leading, ...words, ...usual, ...parts.flat(), ...(twice && parts.length > 0 ? parts[0]! : [])])
}

/** The words of a command, or other words for them, or, now and then, some that are near. */
function commandWords(id: string): fc.Arbitrary<string[]> {
  const words = id.split(' ')
  const other = (table: Readonly<Record<string, unknown>>, word: string) => [word, word, word, ...Object.entries(table).filter(([, meant]) => meant === word || (Array.isArray(meant) && meant[0] === word)).map(([alias]) => alias)]
  const [topic = '', verb] = words
  const aliased = fc.tuple(fc.constantFrom(...other(topicAliases, topic)), verb === undefined ? fc.constant(null) : fc.constantFrom(...other(verbAliases, verb))).map(([first, second]) => [first, ...(second === null ? [] : [second]), ...words.slice(2)])
  return fc.oneof({ weight: 12, arbitrary: aliased }, { weight: 1, arbitrary: fc.constantFrom<string[][]>([topic], [topic, 'help'], [topic, `${verb ?? ''}x`], [`${topic}x`, verb ?? ''], [topic.toUpperCase(), verb ?? '']) })
}

/** A flag as it may be spelled, with a value if it takes one. */
function spelled(flag: string, { type, char, options, multiple }: AnyFlag & { options?: readonly string[]; multiple?: boolean }): fc.Arbitrary<string[]> {
  const forms = (value: string) => [[`--${flag}`, value], [`--${flag}=${value}`], ...(char ? [[`-${char}`, value], [`-${char}${value}`], [`-${char}=${value}`]] : [])]
  if (type === 'boolean') return fc.constantFrom([`--${flag}`], [`--${flag}`], ...(char ? [[`-${char}`]] : []))
  const value = options ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...options) }, { weight: 1, arbitrary: garbage }) : valueOf(flag, /^(limit|expect|max-targets|parallel|canary|count|seed)$/.test(flag) ? 'integer' : 'text')
  return fc.tuple(fc.nat(9), value, multiple ? fc.option(value) : fc.constant(null)).map(([at, ...values]) => values.flatMap(text => (text === null ? [] : forms(text)[at % forms(text).length]!)))
}
