import { BaseCommand } from '../../src/cli/base-command.js'
import { chosenShell } from '../../src/cli/chosen-shell.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'

export default class AutocompleteScript extends BaseCommand {
  static override summary = 'print the line that sets completion up'
  static override description = 'Prints the line for ~/.bashrc or ~/.zshrc, and makes the scripts it reads when they are missing or of another version.'
  static override usage = '<%= command.id %> [SHELL]'
  static override examples = ['<%= config.bin %> autocomplete script bash', '<%= config.bin %> autocomplete script zsh']
  static override output = 'completion-setup' as const
  static override strict = false

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    const shell = chosenShell(argv)
    const { keepScripts, setupLine, setupPath } = await import('../../src/cli/completion-scripts.js')
    await keepScripts()
    const look = this.look(flags)
    const line = setupLine(shell)
    await writeOut(look.format === 'table' || look.format === 'wide' ? `${line}\n` : await renderObject(null, { shell, line, setup: setupPath(shell) }, look))
    return 0
  }
}
