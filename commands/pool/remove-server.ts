import * as Flags from '@oclif/core/flags'
import { MakingCommand } from '../../src/cli/making-command.js'
import { Refusal } from '../../src/cli/refusal.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class PoolRemoveServer extends MakingCommand {
  static override summary = 'remove servers from a pool'
  static override description = 'Removes servers from a pool; they are nobody\'s afterwards. Refused while guests are on them, and while they are the only ones with a role that the rest needs: pool master names another master first. All servers together leave an empty pool. It always asks.'
  static override usage = '<%= command.id %> POOL SERVER... [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> pool remove-server pool1 ovs2 --yes' },
    { description: 'Whether all could go', command: '<%= config.bin %> pool remove-server pool1 ovs1 --dry-run' },
  ]
  static override exampleFarm = ['pool add-server pool1 ovs4 --address 10.1.0.4 --roles vm,utility', 'pool master pool1 ovs4']
  static override flags = { force: Flags.boolean({ description: 'also when a server cannot be told that it is free' }), ...MakingCommand.makingFlags }
  protected readonly operation = 'pool.remove-server'

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    const [pool, ...servers] = argv
    if (pool === undefined || servers.length === 0) throw new Refusal('usage.argument', pool === undefined ? 'no pool was named' : 'no server was named', 'pool remove-server POOL SERVER...')
    return { force: flags['force'] === true, details: { pool, servers } }
  }
}
