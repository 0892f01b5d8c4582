import { BaseCommand } from '../../../src/cli/base-command.js'
import { renderRows } from '../../../src/cli/render.js'
import { writeOut } from '../../../src/cli/streams.js'

export default class SimFaultClear extends BaseCommand {
  static override summary = 'end faults of the simulated farm'
  static override description = 'Ends faults and forgets them, all when none is named. What they did stays done; power returns and agents answer again.'
  static override usage = '<%= command.id %> [ID...]'
  static override examples = ['<%= config.bin %> sim fault clear', '<%= config.bin %> sim fault clear fault-1']
  static override strict = false

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    const faults = await (await this.keeper()).clearFaults(this.principal(flags), flags.farm ?? null, argv)
    await writeOut(await renderRows(null, faults.map(fault => ({ ...fault })), ['id', 'kind', 'subject', 'state', 'occasions'], this.look(flags)))
    return 0
  }
}
