import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class GroupList extends ListCommand {
  static override summary = 'list groups'
  static override description = 'Lists groups, filtered, sorted and cut by the manager.'
  static override examples = ['<%= config.bin %> group list']
  static override flags = listFlags('group')
  protected readonly kind = 'group'
}
