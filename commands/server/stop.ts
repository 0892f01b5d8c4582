import { EmptyingCommand } from '../../src/cli/emptying-command.js'

export default class ServerStop extends EmptyingCommand {
  static override summary = 'shut servers down'
  static override description = 'Shuts servers down. Refused while guests run there: --evacuate migrates them to other servers of the pool first, --force lets them go down with the server. Always wants --yes.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'What would happen to the guests there', command: '<%= config.bin %> server stop ovs2 --evacuate --dry-run' },
    { description: 'Move them away, then shut down', command: '<%= config.bin %> server stop ovs2 --evacuate --yes' },
    { description: 'One where nothing runs', command: '<%= config.bin %> server stop ovs3 --yes' },
  ]
  static override exampleFarm = ['vm start --pool pool1']
  static override flags = EmptyingCommand.emptyingFlags
  protected readonly operation = 'server.stop'
}
