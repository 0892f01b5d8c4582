import type { ActingFlags } from '../../src/cli/acting-command.js'
import { MakingCommand } from '../../src/cli/making-command.js'
import { newPassword, newPasswordFlag } from '../../src/cli/new-password.js'
import { oneSource } from '../../src/cli/one-source.js'
import type { OperationOptions, Selector } from '../../src/contract/requests.js'

export default class UserPassword extends MakingCommand {
  static override summary = 'give a user another password'
  static override description = 'Sets the password of a user: an administrator that of any, everybody his own. Who has one proves it with the old one, as with every command: before the topic, in OVMCLI_PASSWORD_FILE, or when he is asked. Here --password-file is the new one. A password has 10 characters or more, and is not the name.'
  static override usage = '<%= command.id %> USER [--password-file FILE] [FLAGS]'
  static override examples = [
    { description: 'Somebody sets his own', command: "echo 'a long pass phrase' | <%= config.bin %> user password alice --user alice --password-file -" },
    { description: 'An administrator sets it anew for one who forgot it', command: "echo 'a new pass phrase' | <%= config.bin %> user password alice --password-file -" },
  ]
  static override flags = { 'password-file': newPasswordFlag, ...MakingCommand.makingFlags }
  protected readonly operation = 'user.password'

  protected override selector(_flags: ActingFlags, argv: readonly string[]): Selector {
    return oneSource(argv, 'user password USER --password-file FILE')
  }

  protected override async options(flags: Record<string, unknown>, argv: readonly string[]): Promise<Partial<OperationOptions>> {
    return { details: { password: await newPassword(flags['password-file'] as string | undefined, argv[0]!, line => this.tell(flags as never, line)) } }
  }
}
