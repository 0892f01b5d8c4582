import { ActingCommand } from '../../src/cli/acting-command.js'

export default class AgentStart extends ActingCommand {
  static override summary = 'start the agents of servers'
  static override description = 'Starts agents that are stopped, through the management ports of their servers, and waits until they run. Guests are not touched: what they did meanwhile is recorded once the agent answers.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> agent start ovs2',
    { description: 'All that do not answer', command: '<%= config.bin %> agent start --state unreachable' },
  ]
  static override exampleFarm = ['agent stop ovs2 ovs3']
  static override flags = ActingCommand.serverFlags
  protected readonly operation = 'agent.start'
}
