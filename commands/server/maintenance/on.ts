import { ActingCommand } from '../../../src/cli/acting-command.js'

export default class ServerMaintenanceOn extends ActingCommand {
  static override summary = 'take servers out of use, their guests moved away'
  static override description = 'Migrates the guests of servers to others of their pools, and marks the servers: they are given no guests until maintenance off. Where a guest cannot leave, nothing of its server is moved, and everything that is in the way is told. Guests are moved to servers that are not to be emptied themselves, where these have room.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'What would happen to the guests there', command: '<%= config.bin %> server maintenance on ovs2 --dry-run' },
    '<%= config.bin %> server maintenance on ovs2',
  ]
  static override exampleFarm = ['vm start --pool pool1']
  static override flags = ActingCommand.serverFlags
  protected readonly operation = 'server.maintenance-on'
}
