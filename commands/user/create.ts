import * as Flags from '@oclif/core/flags'
import { emailOf } from '../../src/cli/email-flag.js'
import { MakingCommand } from '../../src/cli/making-command.js'
import { newPassword, newPasswordFlag } from '../../src/cli/new-password.js'
import { oneNew } from '../../src/cli/new-names.js'
import { recordFields } from '../../src/contract/fields.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class UserCreate extends MakingCommand {
  static override summary = 'make a user'
  static override description = 'Makes a user, with a role and a password, which has to be given with every command from then on. A password has 10 characters or more, and is not the name. Here --password-file is that of the new user; your own stands before the topic, or in OVMCLI_PASSWORD_FILE.'
  static override usage = '<%= command.id %> NAME --role ROLE [--password-file FILE] [FLAGS]'
  static override examples = [
    { description: 'With a password from a file that only you may read', command: "(umask 077; echo 'a long pass phrase' > bob.txt); <%= config.bin %> user create bob --role user --password-file bob.txt; rm bob.txt" },
    { description: 'A manager, to whom pools can be granted', command: "echo 'another long one' | <%= config.bin %> user create carol --role manager --email carol@example.com --password-file -" },
  ]
  static override flags = {
    role: Flags.string({ options: [...recordFields.user.role.values], required: true, description: 'what he may do: his own guests; all in the pools granted to him; everything' }),
    email: Flags.string({ helpValue: 'EMAIL', description: 'his address' }),
    'password-file': newPasswordFlag,
    ...MakingCommand.makingFlags,
  }
  protected readonly operation = 'user.create'

  protected override async options(flags: Record<string, unknown>, argv: readonly string[]): Promise<Partial<OperationOptions>> {
    const name = oneNew(argv, 'user')
    const email = emailOf(flags['email'])
    const password = await newPassword(flags['password-file'] as string | undefined, name, line => this.tell(flags as never, line))
    return { details: { name, role: flags['role'], email, password } }
  }
}
