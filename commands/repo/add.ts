import * as Flags from '@oclif/core/flags'
import { MakingCommand } from '../../src/cli/making-command.js'
import { Refusal } from '../../src/cli/refusal.js'
import { sizeOf } from '../../src/cli/size-flag.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class RepoAdd extends MakingCommand {
  static override summary = 'extend a pool by a repository'
  static override description = 'Makes a repository of a device or an NFS export: a utility server initialises it, and every server of the pool mounts it; one that is off does so when it boots. What was on it is lost. A pool with local storage takes disks of its server only. On a simulated farm a device is as big as --size-mib says (default: 4 TiB, 1 TiB in a pool with local storage). A class of service says how fast it is beside one without: gold 2 times, silver as fast, bronze half.'
  static override usage = '<%= command.id %> --pool POOL (--device DEVICE | --nfs HOST:PATH) [FLAGS]'
  static override examples = [
    { description: 'A device of the SAN', command: '<%= config.bin %> repo add --pool pool1 --device /dev/sdc1' },
    { description: 'A fast one of 500 GiB', command: '<%= config.bin %> repo add --pool pool1 --device iqn.2010-07.com.example:lun3 --qos gold --size-mib 500GiB' },
    { description: 'An export of an NFS server', command: '<%= config.bin %> repo add --pool pool1 --nfs filer:/exports/ovs --dry-run' },
  ]
  static override flags = {
    pool: Flags.string({ helpValue: 'POOL', required: true, description: 'the pool that is extended' }),
    device: Flags.string({ helpValue: 'DEVICE', description: 'a device as its servers know it: /dev/sdc1, /dev/mapper/NAME, or an iSCSI name' }),
    nfs: Flags.string({ helpValue: 'HOST:PATH', description: 'an export of an NFS server' }),
    qos: Flags.string({ helpValue: 'CLASS', description: 'class of service: gold, silver or bronze', options: ['gold', 'silver', 'bronze'] }),
    'size-mib': Flags.string({ helpValue: 'N', description: 'how big it is, in MiB, or 500GiB' }),
    ...MakingCommand.makingFlags,
  }
  protected readonly operation = 'repo.add'

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    if (argv.length > 0) throw new Refusal('usage.argument', `repo add takes no names: ${argv.slice(0, 3).join(' ')}`, 'write --device DEVICE or --nfs HOST:PATH')
    const size = flags['size-mib'] as string | undefined
    return { details: { pool: flags['pool'], device: flags['device'] ?? null, nfs: flags['nfs'] ?? null, qos: flags['qos'] ?? null, sizeMiB: size === undefined ? null : sizeOf(size, 'size-mib') } }
  }
}
