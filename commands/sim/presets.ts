import { BaseCommand } from '../../src/cli/base-command.js'
import { renderRows } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'

export default class SimPresets extends BaseCommand {
  static override summary = 'list what farms can be made of'
  static override description = 'Lists the presets of sim create; figure-6 to figure-9 are those of the Oracle VM architecture review.'
  static override examples = ['<%= config.bin %> sim presets']

  async run(): Promise<number> {
    const { flags } = await this.words()
    const presets = (await this.keeper()).presets()
    await writeOut(await renderRows(null, presets.map(preset => ({ ...preset })), ['name', 'pools', 'description'], this.look(flags)))
    return 0
  }
}
