import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class DiskList extends ListCommand {
  static override summary = 'list shared disks'
  static override description = 'Lists shared disks, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> disk list',
    { description: 'Those of a pool', command: '<%= config.bin %> disk list --pool pool1 -o name' },
  ]
  static override flags = listFlags('disk')
  protected readonly kind = 'disk'
}
