import { ActingCommand } from '../../src/cli/acting-command.js'

export default class VmReboot extends ActingCommand {
  static override summary = 'reboot guests'
  static override description = 'Shuts guests down and boots them again, on the same server. Always acts.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm reboot vm1',
    { description: 'Those on a server, one first, and the rest when it came up', command: '<%= config.bin %> vm reboot --server ovs1 --canary 1 --yes' },
    { description: 'One after the other, with the reason in the journal', command: "<%= config.bin %> vm reboot vm2 vm4 --parallel 1 --yes --reason 'kernel update'" },
  ]
  static override exampleFarm = ['vm start --pool pool1']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'vm.reboot'
}
