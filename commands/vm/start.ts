import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class VmStart extends ActingCommand {
  static override summary = 'start guests'
  static override description = 'Starts guests: on the preferred server, else where most memory is free. A guest that runs already is unchanged.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'Two by name', command: '<%= config.bin %> vm start vm1 vm2' },
    { description: 'All of a pool on one server, with a report for a script', command: '<%= config.bin %> vm start --pool pool1 --on ovs2 -o json' },
    { description: 'What would happen to some', command: "<%= config.bin %> vm start 'vm*' --exclude vm10 --dry-run" },
    { description: 'The rest four at a time, no more once a tenth of them failed', command: '<%= config.bin %> vm start --state powered-off --parallel 4 --max-failures 10%' },
  ]
  static override flags = {
    on: Flags.string({ helpValue: 'SERVER', description: 'start on this server' }),
    ...ActingCommand.actingFlags,
  }
  protected readonly operation = 'vm.start'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { on: (flags['on'] as string | undefined) ?? null }
  }
}
