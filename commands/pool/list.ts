import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class PoolList extends ListCommand {
  static override summary = 'list server pools'
  static override description = 'Lists server pools, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> pool list',
    { description: 'Memory that is left', command: '<%= config.bin %> pool list --columns name,master,memoryFreeMiB' },
    { description: 'Pools that are not as they should be', command: "<%= config.bin %> pool list --filter 'state!=active'" },
  ]
  static override flags = listFlags('pool')
  protected readonly kind = 'pool'
}
