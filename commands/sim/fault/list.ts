import { RowsCommand, type RowsFlags } from '../../../src/cli/rows-command.js'

export default class SimFaultList extends RowsCommand {
  static override summary = 'list the faults of the simulated farm'
  static override description = 'Lists the faults that were wished on the farm and not cleared: those that wait, are active, or are over, and how often each struck.'
  static override examples = ['<%= config.bin %> sim fault list', '<%= config.bin %> sim fault list --filter state=active -o jsonl']
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'fault'

  protected async rows(flags: RowsFlags): Promise<readonly object[]> {
    return (await this.keeper()).listFaults(flags.farm ?? null)
  }
}
