import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class PoolList extends ListCommand {
  static override summary = 'list server pools'
  static override description = 'Lists server pools, filtered, sorted and cut by the manager.'
  static override examples = ['<%= config.bin %> pool list', '<%= config.bin %> pool list --columns name,master,memoryFreeMiB']
  static override flags = listFlags('pool')
  protected readonly kind = 'pool'
}
