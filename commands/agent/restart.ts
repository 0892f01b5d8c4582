import { ActingCommand } from '../../src/cli/acting-command.js'

export default class AgentRestart extends ActingCommand {
  static override summary = 'restart the agents of servers'
  static override description = 'Stops agents and starts them again. One that does not answer is restarted through the management port of its server. Guests are not touched.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> agent restart ovs2',
    { description: 'One after the other', command: '<%= config.bin %> agent restart --pool pool1 --parallel 1' },
  ]
  static override flags = ActingCommand.serverFlags
  protected readonly operation = 'agent.restart'
}
