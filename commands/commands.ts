import { factsOf } from '../src/cli/command-facts.js'
import { program } from '../src/cli/program.js'
import { unknownCommand } from '../src/cli/router.js'
import { RowsCommand, type RowsFlags } from '../src/cli/rows-command.js'
import { commandsOf, shownIds } from '../src/cli/topics.js'

export default class Commands extends RowsCommand {
  static override summary = 'every command there is, as data'
  static override description = 'Lists the commands, all or those of a topic. As JSON each has its usage, flags, examples and aliases, whether it changes something, and the schema of its own JSON: enough for a script, or an agent, to learn the whole command line.'
  static override usage = '<%= command.id %> [TOPIC [VERB]] [FLAGS]'
  static override examples = [
    '<%= config.bin %> commands',
    { description: 'What can be done to guests', command: '<%= config.bin %> commands vm --filter acts=true' },
    { description: 'The flags of one command', command: "<%= config.bin %> commands vm start -o json --query '[0].flags[?!global].name'" },
    { description: 'All that changes nothing', command: '<%= config.bin %> commands --filter acts=false -o name' },
  ]
  static override strict = false
  static override flags = RowsCommand.rowsFlags
  static override output = 'command[]' as const
  protected readonly kind = 'command'

  protected async rows(_flags: RowsFlags, argv: readonly string[]): Promise<readonly object[]> {
    const table = program().table
    const ids = argv.length === 0 ? shownIds(table) : commandsOf(shownIds(table), argv.join(' '))
    if (ids.length === 0) throw unknownCommand(table, argv)
    return Promise.all(ids.map(id => factsOf(table, id)))
  }
}
