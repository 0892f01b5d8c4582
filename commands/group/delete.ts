import { ActingCommand } from '../../src/cli/acting-command.js'

export default class GroupDelete extends ActingCommand {
  static override summary = 'delete groups'
  static override description = 'Deletes groups that no guest belongs to, always after a confirmation. Their members stay.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = ['<%= config.bin %> group delete web --yes']
  static override exampleFarm = ['group create web']
  static override flags = ActingCommand.peopleFlags
  protected readonly operation = 'group.delete'
}
