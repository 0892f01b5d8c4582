import { ActingCommand } from '../../src/cli/acting-command.js'

export default class VmResetStatus extends ActingCommand {
  static override summary = 'set guests to what their servers report'
  static override description = 'Asks the servers what really runs, and sets the records of guests to that.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm reset-status vm1',
    { description: 'Everything', command: '<%= config.bin %> vm reset-status --all' },
  ]
  static override exampleFarm = ['vm start vm1']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'vm.reset-status'
}
