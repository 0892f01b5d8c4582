import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class VmMigrate extends ActingCommand {
  static override summary = 'migrate running guests'
  static override description = 'Moves running guests to another server of their pool while they run. All reasons against it are reported together.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm migrate vm1 --to ovs2',
    { description: 'Empty a server: each to where most memory is free', command: '<%= config.bin %> vm migrate --server ovs1 --to auto' },
    { description: 'See first whether it would go', command: '<%= config.bin %> vm migrate vm2 --to ovs1 --dry-run' },
  ]
  static override exampleFarm = ['vm start --pool pool1']
  static override flags = {
    to: Flags.string({ helpValue: 'SERVER|auto', required: true, description: 'a server, or auto: the one with most free memory' }),
    ...ActingCommand.actingFlags,
  }
  protected readonly operation = 'vm.migrate'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { to: flags['to'] as string }
  }
}
