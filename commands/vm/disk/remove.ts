import { OneGuestCommand } from '../../../src/cli/one-guest-command.js'

export default class VmDiskRemove extends OneGuestCommand {
  static override summary = 'take a disk away from a guest'
  static override description = 'Takes a disk away from a guest that is off. A file is removed, and its room free again; a device stays as it is. A shared disk is taken away by disk detach.'
  static override usage = '<%= command.id %> VM DISK [FLAGS]'
  static override examples = ['<%= config.bin %> vm disk remove vm1 xvdb']
  static override exampleFarm = ['vm disk add vm1 --size-mib 1GiB']
  static override flags = OneGuestCommand.makingFlags
  protected readonly operation = 'vm.disk-remove'
  protected override readonly wants = 'VM DISK'

  protected details(_flags: Record<string, unknown>, disk: string) {
    return { disk }
  }
}
