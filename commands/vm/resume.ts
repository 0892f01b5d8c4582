import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class VmResume extends ActingCommand {
  static override summary = 'resume suspended guests'
  static override description = 'Reads the saved memory of guests back and lets them run on, where there is room.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm resume vm1',
    '<%= config.bin %> vm resume --state suspended --on ovs2',
  ]
  static override flags = {
    on: Flags.string({ description: 'resume on this server' }),
    ...ActingCommand.actingFlags,
  }
  protected readonly operation = 'vm.resume'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { on: (flags['on'] as string | undefined) ?? null }
  }
}
