import { CheckCommand } from '../../src/cli/check-command.js'

export default class ServerCheck extends CheckCommand {
  static override summary = 'look into servers'
  static override description = 'Holds servers against what they say of themselves: power, agent and its password, versions, roles, clock, memory, guests and network. All of them when none is named. Reads only. Exit 8 when something is an error, 0 otherwise.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> server check ovs1',
    { description: 'Only what is in the way', command: "<%= config.bin %> server check --filter 'result!=ok'" },
  ]
  protected readonly checked = 'server'
}
