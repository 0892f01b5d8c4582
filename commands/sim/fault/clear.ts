import { BaseCommand } from '../../../src/cli/base-command.js'
import { renderRows } from '../../../src/cli/render.js'
import { writeOut } from '../../../src/cli/streams.js'

export default class SimFaultClear extends BaseCommand {
  static override summary = 'end faults of the simulated farm'
  static override description = 'Ends faults and forgets them, all when none is named. What they did stays done; power returns and agents answer again.'
  static override usage = '<%= command.id %> [ID...]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> sim fault clear fault-1' },
    { description: 'All', command: '<%= config.bin %> sim fault clear' },
  ]
  static override exampleFarm = ['sim fault guest-hang vm1', 'sim fault agent-down ovs2']
  static override output = 'fault[]' as const
  static override acts = true
  static override strict = false

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    const faults = await (await this.keeper(flags)).clearFaults(this.principal(flags), flags.farm ?? null, argv)
    await writeOut(await renderRows(null, faults.map(fault => ({ ...fault })), ['id', 'kind', 'subject', 'state', 'occasions'], this.look(flags)))
    return 0
  }
}
