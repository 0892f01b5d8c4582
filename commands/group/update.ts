import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class GroupUpdate extends ActingCommand {
  static override summary = 'change the description of groups'
  static override description = 'Says anew what groups are for. Who is in them, group add and group remove change.'
  static override usage = '<%= command.id %> [NAME...] --description TEXT [FLAGS]'
  static override examples = ["<%= config.bin %> group update web --description 'front ends'"]
  static override exampleFarm = ['group create web']
  static override flags = { description: Flags.string({ helpValue: 'TEXT', required: true, description: "what it is for; '' takes it away" }), ...ActingCommand.peopleFlags }
  protected readonly operation = 'group.update'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { details: { description: (flags['description'] as string) || null } }
  }
}
