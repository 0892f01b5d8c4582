import { ActingCommand } from '../../src/cli/acting-command.js'
import { narrowingFlags } from '../../src/cli/selection-flags.js'

export default class UserUnlock extends ActingCommand {
  static override summary = 'let locked users in again'
  static override description = 'Lets users in again, with the password they had.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = ['<%= config.bin %> user unlock alice', { description: 'All of them', command: '<%= config.bin %> user unlock --state locked' }]
  static override exampleFarm = ['user lock alice operator']
  static override flags = { state: narrowingFlags.state, ...ActingCommand.peopleFlags }
  protected readonly operation = 'user.unlock'
}
