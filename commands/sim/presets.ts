import { RowsCommand, type RowsFlags } from '../../src/cli/rows-command.js'

export default class SimPresets extends RowsCommand {
  static override summary = 'list what farms can be made of'
  static override description = 'Lists the presets of sim create; figure-6 to figure-9 are those of the Oracle VM architecture review.'
  static override examples = [
    '<%= config.bin %> sim presets',
    { description: 'Their names', command: '<%= config.bin %> sim presets -o name' },
  ]
  static override worksHere = true
  static override output = 'preset[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'preset'

  protected async rows(flags: RowsFlags): Promise<readonly object[]> {
    return (await this.keeper(flags)).presets()
  }
}
