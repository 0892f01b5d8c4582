import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class RepoList extends ListCommand {
  static override summary = 'list repositories'
  static override description = 'Lists repositories, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> repo list',
    { description: 'Space that is left', command: '<%= config.bin %> repo list --columns id,pool,freeMiB --sort freeMiB' },
  ]
  static override flags = listFlags('repo')
  protected readonly kind = 'repo'
}
