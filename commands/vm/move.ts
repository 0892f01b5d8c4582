import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class VmMove extends ActingCommand {
  static override summary = 'move guests to another repository'
  static override description = 'Moves the files of guests that are off to another repository of their pool. A guest that is there already is unchanged.'
  static override usage = '<%= command.id %> [NAME...] --repo REPO [FLAGS]'
  static override examples = [{ description: 'What moving all of a pool there would do', command: '<%= config.bin %> vm move --pool pool1 --repo /dev/sdb1 --dry-run' }]
  static override flags = {
    repo: Flags.string({ helpValue: 'REPO', required: true, description: 'to this repository: its id, device or uuid' }),
    ...ActingCommand.actingFlags,
  }
  protected readonly operation = 'vm.move'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { repo: flags['repo'] as string }
  }
}
