import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import { emailOf } from '../../src/cli/email-flag.js'
import { Refusal } from '../../src/cli/refusal.js'
import { recordFields } from '../../src/contract/fields.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class UserUpdate extends ActingCommand {
  static override summary = 'change the role or address of users'
  static override description = 'Changes what is given. Who is a manager no longer loses the pools granted to him. The last active administrator stays one.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'A new role', command: '<%= config.bin %> user update alice --role manager' },
    { description: 'No address any more', command: "<%= config.bin %> user update operator --email ''" },
  ]
  static override exampleFarm = ['user update operator --email op@example.com']
  static override flags = {
    role: Flags.string({ options: [...recordFields.user.role.values], description: 'what he may do from now on' }),
    email: Flags.string({ helpValue: 'EMAIL', description: "his address; '' takes it away" }),
    ...ActingCommand.peopleFlags,
  }
  protected readonly operation = 'user.update'

  protected override options({ role, email }: Record<string, unknown>): Partial<OperationOptions> {
    if (role === undefined && email === undefined) throw new Refusal('usage.argument', 'nothing is to be changed', 'give --role or --email')
    return { details: { ...(role === undefined ? {} : { role }), ...(email === undefined ? {} : { email: emailOf(email) }) } }
  }
}
