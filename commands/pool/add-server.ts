import { JoiningCommand } from '../../src/cli/joining-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class PoolAddServer extends JoiningCommand {
  static override summary = 'add servers to a pool'
  static override description = 'Adds servers to a pool with shared storage, or the first to one that is empty, which makes it the master. They run guests, unless --roles says otherwise, and get whatever role no server of the pool has.'
  static override usage = '<%= command.id %> POOL NAME... --address ADDRESS [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> pool add-server pool1 ovs4 --address 10.1.0.4' },
    { description: 'One that does the copying too', command: '<%= config.bin %> pool add-server pool1 ovs5 --address 10.1.0.5 --roles vm,utility' },
    { description: 'Two at once', command: '<%= config.bin %> pool add-server pool1 ovs6=10.1.0.6 ovs7=10.1.0.7' },
  ]
  static override flags = JoiningCommand.joiningFlags

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    const [pool, ...servers] = argv
    return this.joining(flags, pool, servers, 'pool add-server POOL NAME --address ADDRESS')
  }
}
