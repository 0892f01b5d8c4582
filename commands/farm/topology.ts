import { BaseCommand } from '../../src/cli/base-command.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'
import { drawTopology } from '../../src/cli/topology-view.js'

export default class FarmTopology extends BaseCommand {
  static override summary = 'draw the pools with their servers and guests'
  static override description = 'Draws the farm in text: the manager, its pools with their storage, the servers with their roles, and the guests on them.'
  static override examples = [
    '<%= config.bin %> farm topology',
    { description: 'Servers with their guests, as data', command: "<%= config.bin %> farm topology -o json --query 'pools[].servers[].{server: name, guests: vms[].name}'" },
  ]
  static override exampleFarm = ['vm start --pool pool1']
  static override output = 'topology' as const

  async run(): Promise<number> {
    const { flags } = await this.words()
    const look = this.look(flags)
    const topology = await (await this.manager(flags)).farmTopology({ principal: this.principal(flags) })
    const isDrawn = look.format === 'table' || look.format === 'wide'
    await writeOut(isDrawn ? drawTopology(topology) : await renderObject(null, { ...topology }, look))
    return 0
  }
}
