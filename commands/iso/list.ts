import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class IsoList extends ListCommand {
  static override summary = 'list ISOs'
  static override description = 'Lists ISOs, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> iso list',
    { description: 'The large ones', command: "<%= config.bin %> iso list --filter 'sizeMiB>1GiB' --columns name,pool,sizeMiB" },
  ]
  static override flags = listFlags('iso')
  protected readonly kind = 'iso'
}
