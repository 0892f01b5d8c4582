import { MembersCommand } from '../../src/cli/members-command.js'

export default class GroupAdd extends MembersCommand {
  static override summary = 'put users into a group'
  static override description = 'Members see guests that are shared with the group, and do with them what their owner may.'
  static override usage = '<%= command.id %> GROUP USER... [FLAGS]'
  static override examples = ['<%= config.bin %> group add web alice operator']
  static override exampleFarm = ['group create web']
  static override flags = MembersCommand.makingFlags
  protected readonly operation = 'group.add'
  protected readonly line = 'GROUP USER...'
  protected readonly field = 'users'
}
