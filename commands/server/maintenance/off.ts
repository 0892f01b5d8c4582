import { ActingCommand } from '../../../src/cli/acting-command.js'

export default class ServerMaintenanceOff extends ActingCommand {
  static override summary = 'take servers into use again'
  static override description = 'Servers that are up take guests again at once; one that is off will when it is up. No guest is moved back.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> server maintenance off ovs2',
    { description: 'All of a pool', command: '<%= config.bin %> server maintenance off --pool pool1' },
  ]
  static override exampleFarm = ['server maintenance on ovs2']
  static override flags = ActingCommand.serverFlags
  protected readonly operation = 'server.maintenance-off'
}
