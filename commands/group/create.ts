import * as Flags from '@oclif/core/flags'
import { MakingCommand } from '../../src/cli/making-command.js'
import { oneNew } from '../../src/cli/new-names.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class GroupCreate extends MakingCommand {
  static override summary = 'make a group'
  static override description = 'Makes a group of nobody yet: group add puts users into it. Guests can be shared with groups.'
  static override usage = '<%= command.id %> NAME [FLAGS]'
  static override examples = ["<%= config.bin %> group create web --description 'who runs the web servers'"]
  static override flags = { description: Flags.string({ helpValue: 'TEXT', description: 'what it is for' }), ...MakingCommand.makingFlags }
  protected readonly operation = 'group.create'

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    return { details: { name: oneNew(argv, 'group'), description: (flags['description'] as string | undefined) || null } }
  }
}
