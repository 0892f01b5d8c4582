import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { CommonFlags } from '../../src/cli/base-command.js'
import { passwordOf } from '../../src/cli/password-file.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class AgentConfigure extends ActingCommand {
  static override summary = 'change the passwords of agents'
  static override description = 'Sets the password that the manager speaks to the agents of servers with, on both sides or on neither: what one side could not take, the other lets go. It is read from a file, and in no list, event or report. --old-password-file is for agents whose password the manager does not know.'
  static override usage = '<%= command.id %> [NAME...] --password-file FILE [FLAGS]'
  static override examples = [
    { description: 'With a password from a file that only you may read', command: "(umask 077; echo 'a long pass phrase' > agent.txt); <%= config.bin %> agent configure ovs2 --password-file agent.txt; rm agent.txt" },
    { description: 'The agents of a pool', command: "echo 'a long pass phrase' | <%= config.bin %> agent configure --pool pool1 --password-file -" },
  ]
  static override flags = {
    'password-file': Flags.string({ helpValue: 'FILE', required: true, description: 'the password that they are to have: the first line of a file, - for standard input' }),
    'old-password-file': Flags.string({ helpValue: 'FILE', description: 'the one that they have, where the manager does not know it' }),
    ...ActingCommand.serverFlags,
  }
  protected readonly operation = 'agent.configure'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    const read = (flag: string) => passwordOf(flags[flag] as string, `--${flag}`, line => { this.tell(flags as unknown as CommonFlags, line) })
    return { secret: JSON.stringify({ password: read('password-file'), oldPassword: flags['old-password-file'] === undefined ? null : read('old-password-file') }) }
  }
}
