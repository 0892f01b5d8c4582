import { ActingCommand } from '../../src/cli/acting-command.js'

export default class ServerStart extends ActingCommand {
  static override summary = 'power servers on'
  static override description = 'Powers servers on through their power ports, and waits until their agents answer. A server that does not answer though it has power is switched off and on again.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> server start ovs2',
    { description: 'All that are off', command: '<%= config.bin %> server start --state off' },
  ]
  static override exampleFarm = ['server stop ovs2 ovs3 --yes']
  static override flags = ActingCommand.serverFlags
  protected readonly operation = 'server.start'
}
