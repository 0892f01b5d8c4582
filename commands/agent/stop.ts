import { ActingCommand } from '../../src/cli/acting-command.js'

export default class AgentStop extends ActingCommand {
  static override summary = 'stop the agents of servers'
  static override description = "Stops agents: their servers are unreachable to the manager until agent start, and guests there run on unseen. Without the agent of a pool's master nothing in its pool can be reached."
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> agent stop ovs2',
  ]
  static override flags = ActingCommand.serverFlags
  protected readonly operation = 'agent.stop'
}
