import { ActingCommand } from '../../src/cli/acting-command.js'

export default class VmSuspend extends ActingCommand {
  static override summary = 'suspend guests to disk'
  static override description = 'Saves the memory of guests to their repository and frees their servers.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm suspend vm1',
    { description: 'A whole pool', command: '<%= config.bin %> vm suspend --pool pool1 --state running --yes' },
  ]
  static override exampleFarm = ['vm start --pool pool1']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'vm.suspend'
}
