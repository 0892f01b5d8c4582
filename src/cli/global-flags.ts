import * as Flags from '@oclif/core/flags'

/** Output formats. */
export const formats = ['table', 'wide', 'json', 'jsonl', 'yaml', 'csv', 'name'] as const
/** An output format. */
export type Format = (typeof formats)[number]

/** Flags that every command takes; they may stand before the topic too. */
export const globalFlags = {
  output: Flags.string({ helpValue: 'FORMAT', char: 'o', options: [...formats], helpGroup: 'GLOBAL', description: 'output format (default table)', env: 'OVMCLI_OUTPUT' }),
  json: Flags.boolean({ helpGroup: 'GLOBAL', description: 'the same as -o json' }),
  columns: Flags.string({ helpValue: 'a,b,c', helpGroup: 'GLOBAL', description: 'fields to show, in that order', env: 'OVMCLI_COLUMNS' }),
  query: Flags.string({ helpValue: 'JMESPATH', helpGroup: 'GLOBAL', description: 'JMESPath: what of the json or yaml to print', env: 'OVMCLI_QUERY' }),
  'no-header': Flags.boolean({ helpGroup: 'GLOBAL', description: 'no header line in table and csv', env: 'OVMCLI_NO_HEADER' }),
  user: Flags.string({ helpValue: 'NAME', char: 'u', helpGroup: 'GLOBAL', description: 'who acts on the embedded farm, or with --manager', env: 'OVMCLI_USER', default: 'admin' }),
  'password-file': Flags.string({ helpValue: 'FILE', helpGroup: 'GLOBAL', description: 'file with the password of --user in its first line, or - for standard input', env: 'OVMCLI_PASSWORD_FILE' }),
  farm: Flags.string({ helpValue: 'NAME', helpGroup: 'GLOBAL', description: 'another embedded farm than the current one', env: 'OVMCLI_FARM' }),
  profile: Flags.string({ helpValue: 'NAME', helpGroup: 'GLOBAL', description: 'a manager elsewhere, by a profile: see profile add', env: 'OVMCLI_PROFILE' }),
  manager: Flags.string({ helpValue: 'URL', helpGroup: 'GLOBAL', description: 'a manager elsewhere, with --user and its password', env: 'OVMCLI_MANAGER' }),
  ca: Flags.string({ helpValue: 'FILE', helpGroup: 'GLOBAL', description: 'certificates (PEM) by which that of --manager is known; without, the CAs of the system', env: 'OVMCLI_CA' }),
  timeout: Flags.string({ helpValue: 'DURATION', helpGroup: 'GLOBAL', description: 'one deadline for the whole command, on the farm\'s clock: 90s, 5m, 1h', env: 'OVMCLI_TIMEOUT' }),
  quiet: Flags.boolean({ char: 'q', helpGroup: 'GLOBAL', description: 'nothing on stderr but errors', env: 'OVMCLI_QUIET' }),
  verbose: Flags.boolean({ char: 'v', helpGroup: 'GLOBAL', description: 'say more: every target of a report', env: 'OVMCLI_VERBOSE' }),
  'no-color': Flags.boolean({ helpGroup: 'GLOBAL', description: 'no colours (NO_COLOR does the same)', env: 'OVMCLI_NO_COLOR' }),
}

/** Flags that mean something on lists only; they may stand before the topic as well. */
export const listFlagNames: readonly string[] = ['columns', 'sort', 'filter', 'limit']

/** Flags whose default can be set in the configuration, or as `OVMCLI_…` in the environment. */
export const defaultable: readonly string[] = [...Object.keys(globalFlags).filter(name => name !== 'json'), ...listFlagNames.filter(name => !(name in globalFlags))]

/** The names of all flags that may stand before the topic. */
export const leadingFlags: readonly string[] = [...new Set([...Object.keys(globalFlags), ...listFlagNames])]

const spelled = (type: 'option' | 'boolean') => Object.entries(globalFlags).filter(([, flag]) => flag.type === type)
  .flatMap(([name, flag]) => ('char' in flag && flag.char ? [`--${name}`, `-${flag.char}`] : [`--${name}`]))

const withValue: ReadonlySet<string> = new Set([...spelled('option'), ...listFlagNames.map(name => `--${name}`)])
const alone: ReadonlySet<string> = new Set(spelled('boolean'))

/** Splits the global flags that stand before the topic, or between topic and verb, from the rest. */
export function splitLeading(argv: readonly string[]): { leading: string[]; rest: string[] } {
  const leading: string[] = []
  const words: string[] = []
  let at = 0
  while (at < argv.length && words.length < 2) {
    const word = argv[at]!
    const length = withValue.has(word) ? (at + 1 < argv.length ? 2 : 0) : alone.has(word) || isAttached(word) ? 1 : 0
    if (length > 0) leading.push(...argv.slice(at, at += length))
    else if (word.startsWith('-')) break
    else words.push(argv[at++]!)
  }
  return { leading, rest: [...words, ...argv.slice(at)] }
}

/** Whether a word is a global flag that the next word belongs to. */
export function wantsValue(word: string): boolean {
  return withValue.has(word)
}

/** Takes the password file out of words that stand before the topic: there it is always that of whoever acts. */
export function splitLogin(leading: readonly string[]): { words: string[]; passwordFile: string | undefined } {
  const words: string[] = []
  let passwordFile: string | undefined
  for (let at = 0; at < leading.length; at++) {
    const word = leading[at]!
    if (word === '--password-file' && at + 1 < leading.length) passwordFile = leading[++at]
    else if (word.startsWith('--password-file=')) passwordFile = word.slice('--password-file='.length)
    else words.push(word)
  }
  return { words, passwordFile }
}

/** `--output=json` and `-ojson`. */
function isAttached(word: string): boolean {
  return word.startsWith('--') ? word.includes('=') && withValue.has(word.slice(0, word.indexOf('='))) : word.length > 2 && withValue.has(word.slice(0, 2))
}

/** The format that was asked for, found without parsing: errors in the words themselves are to come in it too. */
export function formatAskedFor(argv: readonly string[], byDefault: string | undefined): Format {
  let asked = byDefault
  const end = argv.indexOf('--')
  const words = end < 0 ? argv : argv.slice(0, end)
  // As the command itself sees it: --json is the last word.
  if (words.includes('--json')) return 'json'
  words.forEach((word, at) => {
    if (word === '-o' || word === '--output') asked = words[at + 1]
    else if (word.startsWith('--output=')) asked = word.slice(9)
    else if (/^-o[a-z=]/.test(word)) asked = word.slice(2).replace(/^=/, '')
  })
  return formats.find(format => format === asked) ?? 'table'
}
