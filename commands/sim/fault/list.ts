import { BaseCommand } from '../../../src/cli/base-command.js'
import { renderRows } from '../../../src/cli/render.js'
import { writeOut } from '../../../src/cli/streams.js'

export default class SimFaultList extends BaseCommand {
  static override summary = 'list the faults of the simulated farm'
  static override description = 'Lists the faults that were wished on the farm and not cleared: those that wait, are active, or are over, and how often each struck.'
  static override examples = ['<%= config.bin %> sim fault list']

  async run(): Promise<number> {
    const { flags } = await this.words()
    const faults = await (await this.keeper()).listFaults(flags.farm ?? null)
    await writeOut(await renderRows(null, faults.map(fault => ({ ...fault })), ['id', 'kind', 'subject', 'state', 'at', 'until', 'occasions'], this.look(flags)))
    return 0
  }
}
