import * as Flags from '@oclif/core/flags'
import type { ActingFlags } from '../../src/cli/acting-command.js'
import { MakingCommand } from '../../src/cli/making-command.js'
import { agentPassword, namedServers, newcomerFlags } from '../../src/cli/pool-flags.js'
import { Refusal } from '../../src/cli/refusal.js'
import { serverRolesOf } from '../../src/cli/server-roles.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class PoolAddServer extends MakingCommand {
  static override summary = 'add servers to a pool'
  static override description = 'Adds servers to a pool with shared storage, or the first to one that is empty, which makes it the master. They run guests, unless --roles says otherwise, and get whatever role no server of the pool has.'
  static override usage = '<%= command.id %> POOL NAME... --address ADDRESS [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> pool add-server pool1 ovs4 --address 10.1.0.4' },
    { description: 'One that does the copying too', command: '<%= config.bin %> pool add-server pool1 ovs5 --address 10.1.0.5 --roles vm,utility' },
    { description: 'Two at once', command: '<%= config.bin %> pool add-server pool1 ovs6=10.1.0.6 ovs7=10.1.0.7' },
  ]
  static override flags = {
    roles: Flags.string({ helpValue: 'ROLES', description: 'what it is to be: vm, utility, or both apart by a comma (default vm)' }),
    ...newcomerFlags, ...MakingCommand.makingFlags,
  }
  protected readonly operation = 'pool.add-server'

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    const [pool, ...servers] = argv
    if (pool === undefined || servers.length === 0) throw new Refusal('usage.argument', pool === undefined ? 'no pool was named' : 'no server was named', 'pool add-server POOL NAME --address ADDRESS')
    const password = agentPassword(flags['agent-password-file'] as string | undefined, line => this.tell(flags as unknown as ActingFlags, line))
    return { force: flags['force'] === true, details: { pool, servers: namedServers(servers, (flags['address'] as string | undefined) ?? null), password, roles: flags['roles'] === undefined ? null : serverRolesOf(flags['roles'] as string) } }
  }
}
