import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class VmResume extends ActingCommand {
  static override summary = 'resume suspended guests'
  static override description = 'Reads the saved memory of guests back and lets them run on, where there is room.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm resume vm1',
    { description: 'On a server of choice', command: '<%= config.bin %> vm resume vm2 vm3 --on ovs2' },
    { description: 'Whatever is suspended', command: '<%= config.bin %> vm resume --state suspended' },
  ]
  static override exampleFarm = ['vm start --pool pool1', 'vm suspend --pool pool1 --yes']
  static override flags = {
    on: Flags.string({ helpValue: 'SERVER', description: 'resume on this server' }),
    ...ActingCommand.actingFlags,
  }
  protected readonly operation = 'vm.resume'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { on: (flags['on'] as string | undefined) ?? null }
  }
}
