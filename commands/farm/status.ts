import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { renderObject, type Look } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'
import { watchFlag } from '../../src/cli/watch-flag.js'

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
  static override flags = { watch: watchFlag() }

  async run(): Promise<number> {
    const { flags } = await this.words<CommonFlags & { watch?: boolean }>()
    const [manager, principal] = [await this.manager(flags), this.principal(flags)]
    const status = async (look: Look, follows: boolean) => renderObject(null, { ...(await manager.farmStatus({ principal, ...(follows ? { follows } : {}) })) }, look)
    if (flags.watch) return (await import('../../src/cli/watch.js')).watch({ manager, principal, timeoutMs: this.timeoutMs(flags) }, this.look(flags), this.typed('farm status'), look => status(look, true))
    await writeOut(await status(this.look(flags), false))
    return 0
  }
}
