import { ActingCommand } from '../../src/cli/acting-command.js'
import { narrowingFlags } from '../../src/cli/selection-flags.js'

export default class UserLock extends ActingCommand {
  static override summary = 'lock users out'
  static override description = 'Who is locked is refused everywhere, with auth.locked, until somebody unlocks him; what he owns and what he began goes on. Nobody locks himself, and the last active administrator stays.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = ['<%= config.bin %> user lock alice']
  static override flags = { state: narrowingFlags.state, ...ActingCommand.peopleFlags }
  protected readonly operation = 'user.lock'
}
