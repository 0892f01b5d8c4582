import { BaseCommand } from '../src/cli/base-command.js'
import { connection } from '../src/cli/connection.js'
import { passedOn } from '../src/cli/passed-on.js'
import { Shell, shellWords } from '../src/cli/shell.js'
import { canAsk } from '../src/cli/streams.js'

export default class ShellCommand extends BaseCommand {
  static override summary = 'an interactive shell'
  static override description = `Takes commands without the word ovmcli in front, over one open farm, so that each costs milliseconds. Lines are edited, remembered (in OVMCLI_HOME, those that begin with a blank are not) and completed by Tab; the prompt shows the farm, the pool in use and the exit code of the last command when it was not 0.

use POOL lets commands that take --pool work on that pool, and use alone on all again; exit, quit or Ctrl-D leave with the exit code of the last command. Ctrl-C gives up a line, or interrupts what runs; again it ends the shell. Global flags given here hold for every line that does not give them itself; --timeout is each line's own. Without a terminal the lines are read from standard input.`
  static override examples = [
    '<%= config.bin %> shell </dev/null',
    { description: 'Lines from elsewhere', command: "printf 'use pool1\\nvm list\\n' | <%= config.bin %> shell" },
  ]
  static override output = 'none' as const
  static override acts = true

  async run(): Promise<number> {
    const { flags } = await this.words()
    if (canAsk()) this.tell(flags, 'ovmcli shell: help lists the commands, use POOL narrows them to a pool, exit leaves')
    const close = await connection().keepOpen()
    try {
      return await new Shell(passedOn(this.defaults, this.givenGlobals(flags), {}), async (line, defaults) => (await import('../src/cli/shell-completion.js')).completeLine(line, defaults, Object.keys(shellWords))).run()
    } finally {
      await close()
    }
  }
}
