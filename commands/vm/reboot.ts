import { ActingCommand } from '../../src/cli/acting-command.js'

export default class VmReboot extends ActingCommand {
  static override summary = 'reboot guests'
  static override description = 'Shuts guests down and boots them again, on the same server. Always acts.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm reboot vm1',
    '<%= config.bin %> vm reboot --server ovs1 --yes',
  ]
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'vm.reboot'
}
