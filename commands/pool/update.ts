import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import { shapeFlags } from '../../src/cli/pool-flags.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class PoolUpdate extends ActingCommand {
  static override summary = 'change pools: HA, virtual IP, storage, name'
  static override description = 'Changes what pools are. HA needs a shared root repository, and cannot be taken away while guests count on it. Local storage is for one server, without HA and virtual IP.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'High availability, with an address for the master', command: '<%= config.bin %> pool update pool1 --ha --virtual-ip 10.1.0.250' },
    { description: 'Another name', command: '<%= config.bin %> pool update pool2 --rename edge' },
    { description: 'What would become of all that have none', command: "<%= config.bin %> pool update --filter 'storage=shared' --ha --dry-run" },
  ]
  static override flags = {
    rename: Flags.string({ helpValue: 'NEW', description: 'another name' }),
    ...shapeFlags,
    'no-virtual-ip': Flags.boolean({ exclusive: ['virtual-ip'], description: 'take the virtual IP away' }),
    ...ActingCommand.poolFlags,
  }
  protected readonly operation = 'pool.update'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { details: { rename: flags['rename'] ?? null, storage: flags['storage'] ?? null, ha: flags['ha'] ?? null, virtualIp: flags['no-virtual-ip'] === true ? 'none' : (flags['virtual-ip'] ?? null) } }
  }
}
