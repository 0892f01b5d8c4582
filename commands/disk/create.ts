import * as Flags from '@oclif/core/flags'
import { MakingCommand } from '../../src/cli/making-command.js'
import { countedNames } from '../../src/cli/new-names.js'
import { Refusal } from '../../src/cli/refusal.js'
import { sizeOf } from '../../src/cli/size-flag.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class DiskCreate extends MakingCommand {
  static override summary = 'make shared disks'
  static override description = 'Makes empty virtual disks that several guests of a pool can have at once, in the repository with most room or the one that is named.'
  static override usage = '<%= command.id %> NAME... --pool POOL --size-mib N [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> disk create quorum --pool pool1 --size-mib 1024' },
    { description: 'Three for a cluster', command: "<%= config.bin %> disk create 'asm{1..3}' --pool pool1 --size-mib 100GiB --repo /dev/sdb1" },
  ]
  static override flags = {
    pool: Flags.string({ helpValue: 'POOL', required: true, description: 'in this pool' }),
    'size-mib': Flags.string({ helpValue: 'N', required: true, description: 'how big each is, in MiB, or 100GiB' }),
    repo: Flags.string({ helpValue: 'REPO', description: 'in this repository of the pool: its id, device or uuid (default: where there is most room)' }),
    ...MakingCommand.makingFlags,
  }
  protected readonly operation = 'disk.create'

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    if (argv.length === 0) throw new Refusal('usage.argument', 'no shared disk is asked for', "give a name, or a pattern 'asm{1..3}'")
    return { details: { names: argv.flatMap(name => countedNames(name, null, 'shared disk')), pool: flags['pool'], sizeMiB: sizeOf(flags['size-mib'] as string, 'size-mib'), repo: flags['repo'] ?? null } }
  }
}
