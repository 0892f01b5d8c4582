import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class UserList extends ListCommand {
  static override summary = 'list users'
  static override description = 'Lists users, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> user list',
    { description: 'Who manages pools', command: '<%= config.bin %> user list --filter role=manager -o name' },
  ]
  static override flags = listFlags('user')
  protected readonly kind = 'user'
}
