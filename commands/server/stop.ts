import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class ServerStop extends ActingCommand {
  static override summary = 'shut servers down'
  static override description = 'Shuts servers down. Refused while guests run there: --evacuate migrates them to other servers of the pool first, --force lets them go down with the server. Always wants --yes.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = ['<%= config.bin %> server stop ovs2 --evacuate --yes', '<%= config.bin %> server stop ovs2 --dry-run']
  static override flags = {
    evacuate: Flags.boolean({ exclusive: ['force'], description: 'migrate the guests away first' }),
    force: Flags.boolean({ description: 'let the guests go down with the server' }),
    ...ActingCommand.serverFlags,
  }
  protected readonly operation = 'server.stop'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { evacuate: flags['evacuate'] === true, force: flags['force'] === true }
  }
}
