import { withoutAliases } from '../cli/aliases.js'
import { printError } from '../cli/print-error.js'
import { program } from '../cli/program.js'
import { findCommand } from '../cli/router.js'
import { isOutputClosed, say, tolerateClosedPipes } from '../cli/streams.js'
import { Refusal } from '../model/errors.js'
import { askedBy } from './caller.js'
import { classicCommands } from './commands.js'
import { lineOf, optionsOf } from './line.js'

/** Runs one line of the classic spelling (docs/classic.md); the exit code. Whatever goes wrong is printed. */
export async function speakClassic(argv: readonly string[]): Promise<number> {
  tolerateClosedPipes()
  try {
    const exit = argv[0] === 'config' ? await configure(argv.slice(1)) : await run(argv)
    return isOutputClosed() ? 0 : exit
  } catch (error) {
    // Ctrl-C at a question.
    if (error instanceof Error && error.name === 'ExitPromptError') return 130
    return printError(error, 'table')
  }
}

async function run(argv: readonly string[]): Promise<number> {
  const { user, password, words } = lineOf(argv)
  if (password !== undefined) say('Warning: -p shows the password to everybody who runs ps here; leave it out, and give it in OVMCLI_PASSWORD_FILE')
  const command = words.slice(0, 2).join(' ')
  if (!Object.hasOwn(classicCommands, command)) throw unspoken(words)
  const { takes, switches, run: runIt } = classicCommands[command]!
  const options = optionsOf(command, words.slice(2), takes, switches)
  return askedBy(user, password, caller => runIt(caller, options, command))
}

async function configure(more: readonly string[]): Promise<number> {
  if (more.length > 0) throw new Refusal('usage.argument', `config takes no words, and ${more.length} were given`, 'write ovm config: it asks')
  return (await import('./wizard.js')).runWizard()
}

/** What to say of words that are not attested. */
function unspoken(words: readonly string[]): Refusal {
  if (words[0] === 'config') return new Refusal('usage.command', 'config stands alone, with no -u and no -p before it', 'write ovm config: it asks for all it wants')
  const { table } = program()
  const id = findCommand(table, withoutAliases(words.slice(0, 2)))
  const shown = words.slice(0, 2).map(word => JSON.stringify(word.slice(0, 40))).join(' ')
  return new Refusal('usage.command', shown === '' ? 'the classic spelling wants a GROUP and a SUB' : `the classic spelling has no ${shown}`, `it has ${Object.keys(classicCommands).join(', ')}, and ovm config; ${id === null ? 'all else: ovmcli help' : `in today's: ovmcli -u USER ${id}`}`)
}
