import { ActingCommand } from '../../src/cli/acting-command.js'

export default class PoolRefresh extends ActingCommand {
  static override summary = 'bring the records of pools to what their servers report'
  static override description = 'Asks the servers of pools, by their masters, what they are and what runs on them, and records it: processors, memory, agents, the states of guests, and whose the pool is. Says which servers do not answer, or do not know their pool.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = ['<%= config.bin %> pool refresh pool1', { description: 'Every pool', command: '<%= config.bin %> pool refresh --all' }]
  static override flags = ActingCommand.poolFlags
  protected readonly operation = 'pool.refresh'
}
