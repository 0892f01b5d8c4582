import * as Flags from '@oclif/core/flags'
import { OneGuestCommand } from '../../../src/cli/one-guest-command.js'
import { sizeOf } from '../../../src/cli/size-flag.js'
import { Refusal } from '../../../src/cli/refusal.js'

export default class VmDiskAdd extends OneGuestCommand {
  static override summary = 'give a guest a disk'
  static override description = 'Gives a guest that is off one more disk: an empty file in its repository, or a device that the servers of its pool see, which takes no room and belongs to no other guest. A disk that several guests share is given by disk attach.'
  static override usage = '<%= command.id %> VM --size-mib N | --device DEVICE [FLAGS]'
  static override examples = [
    { description: 'A file of 10 GiB', command: '<%= config.bin %> vm disk add vm1 --size-mib 10GiB' },
    { description: 'A device of the storage network', command: '<%= config.bin %> vm disk add vm2 --device /dev/mapper/lun7' },
  ]
  static override flags = {
    'size-mib': Flags.string({ helpValue: 'N', description: 'a file of so many MiB, or 10GiB' }),
    device: Flags.string({ helpValue: 'DEVICE', description: 'a device by its path on the servers, such as /dev/mapper/lun7' }),
    ...OneGuestCommand.makingFlags,
  }
  protected readonly operation = 'vm.disk-add'

  protected details(flags: Record<string, unknown>) {
    const { 'size-mib': size, device } = flags as { 'size-mib'?: string; device?: string }
    if ((size === undefined) === (device === undefined)) throw new Refusal('usage.argument', size === undefined ? 'what kind of disk is not said' : '--size-mib and --device exclude each other', 'give --size-mib N for a file, or --device DEVICE')
    return size === undefined ? { device } : { sizeMiB: sizeOf(size, 'size-mib') }
  }
}
