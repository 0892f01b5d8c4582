import { MembersCommand } from '../../src/cli/members-command.js'

export default class GroupRemove extends MembersCommand {
  static override summary = 'take users out of a group'
  static override description = 'Guests that are shared with the group are seen by them no longer, unless they own them.'
  static override usage = '<%= command.id %> GROUP USER... [FLAGS]'
  static override examples = ['<%= config.bin %> group remove web alice']
  static override exampleFarm = ['group create web', 'group add web alice']
  static override flags = MembersCommand.makingFlags
  protected readonly operation = 'group.remove'
  protected readonly line = 'GROUP USER...'
  protected readonly field = 'users'
}
