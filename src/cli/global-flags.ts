import * as Flags from '@oclif/core/flags'

/** Output formats. */
export const formats = ['table', 'wide', 'json', 'jsonl', 'yaml', 'csv', 'name'] as const
/** An output format. */
export type Format = (typeof formats)[number]

/** Flags that every command takes; they may stand before the topic too. */
export const globalFlags = {
  output: Flags.string({ char: 'o', options: [...formats], helpGroup: 'GLOBAL', description: 'output format (default table)', env: 'OVMCLI_OUTPUT' }),
  json: Flags.boolean({ helpGroup: 'GLOBAL', description: 'the same as -o json' }),
  columns: Flags.string({ helpGroup: 'GLOBAL', description: 'fields to show, in order: a,b,c' }),
  'no-header': Flags.boolean({ helpGroup: 'GLOBAL', description: 'no header line in table and csv' }),
  user: Flags.string({ char: 'u', helpGroup: 'GLOBAL', description: 'who acts on the embedded farm', env: 'OVMCLI_USER', default: 'admin' }),
  farm: Flags.string({ helpGroup: 'GLOBAL', description: 'another embedded farm than the current one', env: 'OVMCLI_FARM' }),
  timeout: Flags.string({ helpGroup: 'GLOBAL', description: 'one deadline for the whole command, on the farm\'s clock: 90s, 5m, 1h', env: 'OVMCLI_TIMEOUT' }),
  quiet: Flags.boolean({ char: 'q', helpGroup: 'GLOBAL', description: 'nothing on stderr but errors' }),
  verbose: Flags.boolean({ char: 'v', helpGroup: 'GLOBAL', description: 'say more: every target of a report' }),
  'no-color': Flags.boolean({ helpGroup: 'GLOBAL', description: 'no colours (NO_COLOR does the same)' }),
}

/** Global flags, long and short, that take a value in the next word. */
const withValue = new Set(['-o', '--output', '--columns', '-u', '--user', '--farm', '--timeout'])
const alone = new Set(['--json', '--no-header', '-q', '--quiet', '-v', '--verbose', '--no-color'])

/** Splits the global flags that stand before the topic from the rest. */
export function splitLeading(argv: readonly string[]): { leading: string[]; rest: string[] } {
  let at = 0
  while (at < argv.length) {
    const word = argv[at]!
    if (withValue.has(word) && at + 1 < argv.length) at += 2
    else if (alone.has(word) || (word.includes('=') && withValue.has(word.slice(0, word.indexOf('='))))) at++
    else break
  }
  return { leading: argv.slice(0, at), rest: argv.slice(at) }
}

/** The format that was asked for, found without parsing: errors in the words themselves are to come in it too. */
export function formatAskedFor(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Format {
  let asked = env['OVMCLI_OUTPUT']
  const end = argv.indexOf('--')
  const words = end < 0 ? argv : argv.slice(0, end)
  words.forEach((word, at) => {
    if (word === '--json') asked = 'json'
    else if (word === '-o' || word === '--output') asked = words[at + 1]
    else if (word.startsWith('--output=')) asked = word.slice(9)
    else if (/^-o[a-z=]/.test(word)) asked = word.slice(2).replace(/^=/, '')
  })
  return formats.find(format => format === asked) ?? 'table'
}
