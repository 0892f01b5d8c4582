import * as Flags from '@oclif/core/flags'
import { DiskAndGuestsCommand } from '../../src/cli/disk-and-guests.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class DiskAttach extends DiskAndGuestsCommand {
  static override summary = 'attach a shared disk to guests'
  static override description = 'Attaches a shared disk to guests of its pool that are off, by the device name that is next free in each, or the one given. A guest that has it already is unchanged.'
  static override usage = '<%= command.id %> DISK VM... [FLAGS]'
  static override exampleFarm = ['disk create quorum --pool pool1 --size-mib 1024']
  static override examples = [
    { description: 'To two guests', command: '<%= config.bin %> disk attach quorum vm1 vm2' },
    { description: 'To a guest that only reads it, as xvdc', command: '<%= config.bin %> disk attach quorum vm3 --device xvdc --mode r' },
  ]
  static override flags = {
    device: Flags.string({ helpValue: 'NAME', description: 'as this device of the guests: xvdb, hdb or sdb (default: the next one free)' }),
    mode: Flags.string({ helpValue: 'w|r', default: 'w', options: ['w', 'r'], description: 'to write, or to read only' }),
    ...DiskAndGuestsCommand.attachingFlags,
  }
  protected readonly operation = 'disk.attach'

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    return { details: { disk: argv[0]!, device: flags['device'] ?? null, mode: flags['mode'] } }
  }
}
