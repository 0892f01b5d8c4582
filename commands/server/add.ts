import * as Flags from '@oclif/core/flags'
import { JoiningCommand } from '../../src/cli/joining-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class ServerAdd extends JoiningCommand {
  static override summary = 'add servers, by the pool that they go to'
  static override description = 'The same as pool add-server, said of the servers.'
  static override usage = '<%= command.id %> NAME... --pool POOL --address ADDRESS [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> server add ovs4 --pool pool1 --address 10.1.0.4' },
    { description: 'Two at once', command: '<%= config.bin %> server add ovs6=10.1.0.6 ovs7=10.1.0.7 --pool pool1' },
  ]
  static override flags = {
    pool: Flags.string({ helpValue: 'POOL', required: true, description: 'the pool that they join' }),
    ...JoiningCommand.joiningFlags,
  }

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    return this.joining(flags, flags['pool'] as string, argv, 'server add NAME --pool POOL --address ADDRESS')
  }
}
