import { PartsCommand } from '../../../src/cli/parts-command.js'

export default class VmNicList extends PartsCommand {
  static override summary = 'list the network cards of a guest'
  static override description = 'Lists the network cards of a guest: what each is called inside of it, its bridge and its address. Reads only.'
  static override usage = '<%= command.id %> VM [FLAGS]'
  static override examples = ['<%= config.bin %> vm nic list vm1']
  static override output = 'nic[]' as const
  static override flags = PartsCommand.rowsFlags
  protected readonly kind = 'nic'
  protected readonly field = 'nics'
}
