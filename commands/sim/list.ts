import { RowsCommand, type RowsFlags } from '../../src/cli/rows-command.js'

export default class SimList extends RowsCommand {
  static override summary = 'list the simulated farms'
  static override description = 'Lists the farms that are kept in OVMCLI_HOME, and which of them is the current one.'
  static override examples = [
    '<%= config.bin %> sim list',
    { description: 'The name of the current one', command: "<%= config.bin %> sim list -o json --query '[?current].name | [0]'" },
    { description: 'The large ones, the largest first', command: "<%= config.bin %> sim list --filter 'vms>=10' --sort vms:desc -o name" },
  ]
  static override worksHere = true
  static override output = 'farm[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'farm'

  protected async rows(flags: RowsFlags): Promise<readonly object[]> {
    return (await this.keeper(flags)).list()
  }
}
