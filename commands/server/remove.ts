import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class ServerRemove extends ActingCommand {
  static override summary = 'remove servers from their pools'
  static override description = 'Removes servers from the pools that they are in, as pool remove-server does of one; they are nobody\'s afterwards. It always asks.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> server remove ovs2 --yes' },
    { description: 'Those that are off, and why some could not', command: '<%= config.bin %> server remove --state off --force --dry-run --allow-empty' },
  ]
  static override flags = { force: Flags.boolean({ description: 'also when a server cannot be told that it is free' }), ...ActingCommand.serverFlags }
  protected readonly operation = 'server.remove'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { force: flags['force'] === true }
  }
}
