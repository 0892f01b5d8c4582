import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class PoolDelete extends ActingCommand {
  static override summary = 'delete pools, and free their servers'
  static override description = 'Deletes pools that hold no guests, images or shared disks. Their repositories go, with the templates and ISOs in them; their servers are nobody\'s afterwards. It cannot be undone, so it always asks.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'One that is empty', command: '<%= config.bin %> pool delete pool3 --yes' },
    { description: 'Whether it could go', command: '<%= config.bin %> pool delete pool3 --dry-run --allow-empty --ignore-missing' },
  ]
  static override exampleFarm = ['pool create pool3 --server ovs4 --address 10.3.0.1']
  static override flags = { force: Flags.boolean({ description: 'also when its servers cannot be told' }), ...ActingCommand.poolFlags }
  protected readonly operation = 'pool.delete'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { force: flags['force'] === true }
  }
}
