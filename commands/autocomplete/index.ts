import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { chosenShell, instructions } from '../../src/cli/chosen-shell.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'

export default class Autocomplete extends BaseCommand {
  static override summary = 'tell how to set up completion in bash and zsh'
  static override description = 'Makes the completion scripts anew and tells how a shell gets to know them. They complete commands, flags, their values, and names of guests, servers, pools and all else there is in the farm.'
  static override usage = '<%= command.id %> [SHELL] [FLAGS]'
  static override examples = ['<%= config.bin %> autocomplete bash', '<%= config.bin %> autocomplete zsh', '<%= config.bin %> autocomplete --refresh-cache']
  static override output = 'completion-setup' as const
  static override strict = false
  static override flags = { 'refresh-cache': Flags.boolean({ char: 'r', description: 'only make the scripts anew' }) }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { 'refresh-cache'?: boolean }>()
    const shell = flags['refresh-cache'] && argv.length === 0 ? 'bash' : chosenShell(argv)
    const { makeScripts, setupLine, setupPath } = await import('../../src/cli/completion-scripts.js')
    await makeScripts()
    if (flags['refresh-cache']) return 0
    const look = this.look(flags)
    await writeOut(look.format === 'table' || look.format === 'wide' ? instructions(shell) : await renderObject(null, { shell, line: setupLine(shell), setup: setupPath(shell) }, look))
    return 0
  }
}
