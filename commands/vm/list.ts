import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class VmList extends ListCommand {
  static override summary = 'list guests'
  static override description = 'Lists guests, filtered, sorted and cut by the manager.'
  static override examples = ['<%= config.bin %> vm list --pool pool1 --state running', "<%= config.bin %> vm list --filter 'memoryMiB>=4GiB' --sort memoryMiB:desc,name -o json"]
  static override flags = listFlags('vm')
  protected readonly kind = 'vm'
}
