import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class UserDelete extends ActingCommand {
  static override summary = 'delete users'
  static override description = 'Deletes users, always after a confirmation. Who owns guests stays, unless --new-owner gives them to another; so does who has work under way, who asks for it himself, and the last active administrator. What he did stays in the journal.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> user delete alice --yes' },
    { description: 'One whose guests go to another', command: '<%= config.bin %> user delete operator --new-owner admin --yes' },
  ]
  static override flags = {
    'new-owner': Flags.string({ helpValue: 'USER', description: 'who gets the guests of those who go' }),
    ...ActingCommand.peopleFlags,
  }
  protected readonly operation = 'user.delete'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { details: { newOwner: (flags['new-owner'] as string | undefined) ?? null } }
  }
}
