import { DiskAndGuestsCommand } from '../../src/cli/disk-and-guests.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class DiskDetach extends DiskAndGuestsCommand {
  static override summary = 'detach a shared disk from guests'
  static override description = 'Takes a shared disk from guests that are off; what is on it stays. A guest that does not have it is unchanged.'
  static override usage = '<%= command.id %> DISK VM... [FLAGS]'
  static override exampleFarm = ['disk create quorum --pool pool1 --size-mib 1024', 'disk attach quorum vm1 vm2']
  static override examples = [
    { description: 'From one guest', command: '<%= config.bin %> disk detach quorum vm1' },
    { description: 'From all of the pool', command: '<%= config.bin %> disk detach quorum --pool pool1' },
  ]
  static override flags = DiskAndGuestsCommand.attachingFlags
  protected readonly operation = 'disk.detach'

  protected override options(_flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    return { details: { disk: argv[0]! } }
  }
}
