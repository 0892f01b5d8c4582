import { BaseCommand, type CommonFlags } from '../../../src/cli/base-command.js'
import { faultFlags, faultKindLines, faultOrder } from '../../../src/cli/fault-flags.js'
import { renderObject } from '../../../src/cli/render.js'
import { writeOut } from '../../../src/cli/streams.js'

export default class SimFault extends BaseCommand {
  static override summary = 'wish a fault on the simulated farm'
  static override description = `Lets something go wrong in the simulated world, now or when the farm's clock gets there. A subject is named by name, id or pool/name. Kinds:\n${faultKindLines}`
  static override usage = '<%= command.id %> KIND SUBJECT [FLAGS]'
  static override examples = [
    { description: 'A guest crashes while it boots', command: '<%= config.bin %> sim fault guest-crash vm1 --at 15s' },
    { description: 'A server has no power for ten minutes', command: '<%= config.bin %> sim fault server-power-loss ovs1 --for 10m' },
    { description: 'Every fourth answer of a server is lost, three times at most', command: '<%= config.bin %> sim fault reply-lost ovs1 --probability 25% --count 3' },
  ]
  static override output = 'fault' as const
  static override acts = true
  static override strict = false
  static override flags = faultFlags

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { at?: string; for?: string; probability?: string; count?: number }>()
    const order = faultOrder(flags.farm ?? null, argv, flags)
    const fault = await (await this.keeper(flags)).addFault(this.principal(flags), order)
    await writeOut(await renderObject(null, { ...fault }, this.look(flags)))
    return 0
  }
}
