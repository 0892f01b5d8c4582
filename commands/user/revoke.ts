import { MembersCommand } from '../../src/cli/members-command.js'

export default class UserRevoke extends MembersCommand {
  static override summary = 'take granted pools back'
  static override description = 'What he began there goes on; he may begin nothing more.'
  static override usage = '<%= command.id %> USER POOL... [FLAGS]'
  static override examples = ['<%= config.bin %> user revoke operator pool2']
  static override flags = MembersCommand.makingFlags
  protected readonly operation = 'user.revoke'
  protected readonly line = 'USER POOL...'
  protected readonly field = 'pools'
}
