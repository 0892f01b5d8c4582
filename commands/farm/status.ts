import { BaseCommand } from '../../src/cli/base-command.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'

export default class FarmStatus extends BaseCommand {
  static override summary = 'the whole farm in numbers'
  static override description = 'Counts pools, servers and guests by state, memory, the connections the manager needs (one a pool), and what is degraded.'
  static override examples = [
    '<%= config.bin %> farm status',
    { description: 'How many guests run', command: '<%= config.bin %> farm status -o json --query vms.running' },
    { description: 'Nothing is degraded', command: `test "$(ovmcli farm status -o json --query 'length(degraded)')" = 0` },
  ]
  static override exampleFarm = ['vm start --pool pool1']
  static override output = 'farm-status' as const

  async run(): Promise<number> {
    const { flags } = await this.words()
    const status = await (await this.manager(flags)).farmStatus({ principal: this.principal(flags) })
    await writeOut(await renderObject(null, { ...status }, this.look(flags)))
    return 0
  }
}
