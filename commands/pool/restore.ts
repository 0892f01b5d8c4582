import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class PoolRestore extends ActingCommand {
  static override summary = "write the manager's data back to the servers of pools"
  static override description = 'Tells servers that were installed anew what they are in their pool: whose they are, their names and roles. A pool that another manager has taken is taken back with --force only, which is an event.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = ['<%= config.bin %> pool restore pool1', { description: 'What would be told to which', command: '<%= config.bin %> pool restore --all --dry-run' }]
  static override flags = { force: Flags.boolean({ description: 'also when another manager has it: takes it' }), ...ActingCommand.poolFlags }
  protected readonly operation = 'pool.restore'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { force: flags['force'] === true }
  }
}
