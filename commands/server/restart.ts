import { EmptyingCommand } from '../../src/cli/emptying-command.js'

export default class ServerRestart extends EmptyingCommand {
  static override summary = 'boot servers anew'
  static override description = 'Shuts servers down and boots them again. Refused while guests run there: --evacuate migrates them to other servers of the pool first, --force lets them go down with the server. Always wants --yes.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'Move the guests away first', command: '<%= config.bin %> server restart ovs2 --evacuate --yes' },
    { description: 'Let them go down with it', command: '<%= config.bin %> server restart ovs1 --force --yes' },
  ]
  static override exampleFarm = ['vm start --pool pool1']
  static override flags = EmptyingCommand.emptyingFlags
  protected readonly operation = 'server.restart'
}
