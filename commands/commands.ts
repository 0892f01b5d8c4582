import { BaseCommand } from '../src/cli/base-command.js'
import { factsOf } from '../src/cli/command-facts.js'
import { renderRows } from '../src/cli/render.js'
import { program } from '../src/cli/program.js'
import { unknownCommand } from '../src/cli/router.js'
import { writeOut } from '../src/cli/streams.js'
import { commandsOf, shownIds } from '../src/cli/topics.js'

export default class Commands extends BaseCommand {
  static override summary = 'every command there is, as data'
  static override description = 'Lists the commands, all or those of a topic. As JSON each has its usage, flags, examples and aliases, whether it changes something, and the schema of its own JSON: enough for a script, or an agent, to learn the whole command line.'
  static override usage = '<%= command.id %> [TOPIC [VERB]] [FLAGS]'
  static override examples = [
    '<%= config.bin %> commands',
    { description: 'What can be done to guests', command: '<%= config.bin %> commands vm' },
    { description: 'The flags of one command', command: "<%= config.bin %> commands vm start -o json --query '[0].flags[?!global].name'" },
    { description: 'All that changes nothing', command: "<%= config.bin %> commands -o json --query '[?!acts].id'" },
  ]
  static override strict = false
  static override output = 'command[]' as const

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    const { table } = program()
    const ids = argv.length === 0 ? shownIds(table) : commandsOf(shownIds(table), argv.join(' '))
    if (ids.length === 0) throw unknownCommand(table, argv)
    const facts = await Promise.all(ids.map(id => factsOf(table, id)))
    await writeOut(await renderRows(null, facts, ['id', 'summary'], this.look(flags)))
    return 0
  }
}
