import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class VmStart extends ActingCommand {
  static override summary = 'start guests'
  static override description = 'Starts guests: on the preferred server, else where most memory is free. A guest that runs already is unchanged.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm start vm1 vm2',
    '<%= config.bin %> vm start --pool pool1 --on ovs2 -o json',
    "<%= config.bin %> vm start 'vm*' --dry-run",
  ]
  static override flags = {
    on: Flags.string({ description: 'start on this server' }),
    ...ActingCommand.actingFlags,
  }
  protected readonly operation = 'vm.start'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { on: (flags['on'] as string | undefined) ?? null }
  }
}
