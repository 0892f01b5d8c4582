import { RowsCommand, type RowsFlags } from '../../../src/cli/rows-command.js'

export default class SimFaultList extends RowsCommand {
  static override summary = 'list the faults of the simulated farm'
  static override description = 'Lists the faults that were wished on the farm and not cleared: those that wait, are active, or are over, and how often each struck.'
  static override examples = [
    '<%= config.bin %> sim fault list',
    { description: 'Those that are there now', command: `<%= config.bin %> sim fault list -o json --query "[?state=='active'].id"` },
  ]
  static override exampleFarm = ['sim fault guest-crash vm1 --at 15s']
  static override output = 'fault[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'fault'

  protected async rows(flags: RowsFlags): Promise<readonly object[]> {
    return (await this.keeper(flags)).listFaults(flags.farm ?? null)
  }
}
