import { BaseCommand } from '../../src/cli/base-command.js'
import { renderRows } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'

export default class SimList extends BaseCommand {
  static override summary = 'list the simulated farms'
  static override description = 'Lists the farms that are kept in OVMCLI_HOME, and which of them is the current one.'
  static override examples = ['<%= config.bin %> sim list']

  async run(): Promise<number> {
    const { flags } = await this.words()
    const farms = await (await this.keeper()).list()
    await writeOut(await renderRows(null, farms.map(farm => ({ ...farm })), ['name', 'preset', 'seed', 'current', 'pools', 'servers', 'vms'], this.look(flags)))
    return 0
  }
}
