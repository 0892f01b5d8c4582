import { ActingCommand, type ActingFlags } from '../../src/cli/acting-command.js'
import { MakingCommand } from '../../src/cli/making-command.js'
import { oneSource } from '../../src/cli/one-source.js'
import { Refusal } from '../../src/cli/refusal.js'
import type { OperationOptions, Selector } from '../../src/contract/requests.js'

export default class PoolMaster extends ActingCommand {
  static override summary = 'make a server the master of its pool'
  static override description = 'Moves the role of the master to a server of the pool that is active; the one before keeps its other roles. Without a SERVER it mends a pool whose master is down: the first server by name that can becomes it. A pool whose master is up stays as it is.'
  static override usage = '<%= command.id %> POOL [SERVER] [FLAGS]'
  static override examples = [
    { description: 'Another server', command: '<%= config.bin %> pool master pool1 ovs2' },
    { description: 'Whichever can, if the master is down', command: '<%= config.bin %> pool master pool1' },
  ]
  static override flags = MakingCommand.makingFlags
  protected readonly operation = 'pool.master'

  protected override selector(_flags: ActingFlags, argv: readonly string[]): Selector {
    if (argv.length > 2) throw new Refusal('usage.argument', `a pool has one master, not ${argv.length - 1}`, 'pool master POOL [SERVER]')
    return oneSource(argv.slice(0, 1), 'pool master POOL [SERVER]')
  }

  protected override options(_flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    return { details: { server: argv[1] ?? null } }
  }
}
