import * as Flags from '@oclif/core/flags'
import type { OperationOptions } from '../contract/requests.js'
import type { ActingFlags } from './acting-command.js'
import { MakingCommand } from './making-command.js'
import { agentPassword, namedServers, newcomerFlags } from './pool-flags.js'
import { Refusal } from './refusal.js'
import { serverRolesOf } from './server-roles.js'

/** The base of the verbs by which servers join a pool: `pool add-server POOL NAME...`, `server add NAME... --pool POOL`. */
export abstract class JoiningCommand extends MakingCommand {
  static readonly joiningFlags = {
    roles: Flags.string({ helpValue: 'ROLES', description: 'what it is to be: vm, utility, or both apart by a comma (default vm)' }),
    ...newcomerFlags, ...MakingCommand.makingFlags,
  }
  protected readonly operation = 'pool.add-server'

  /** What is asked for, of a pool and servers as they were written. @throws Refusal usage.argument */
  protected joining(flags: Record<string, unknown>, pool: string | undefined, servers: readonly string[], usage: string): Partial<OperationOptions> {
    if (pool === undefined || servers.length === 0) throw new Refusal('usage.argument', pool === undefined ? 'no pool was named' : 'no server was named', usage)
    const password = agentPassword(flags['agent-password-file'] as string | undefined, line => this.tell(flags as unknown as ActingFlags, line))
    return { force: flags['force'] === true, details: { pool, servers: namedServers(servers, (flags['address'] as string | undefined) ?? null), password, roles: flags['roles'] === undefined ? null : serverRolesOf(flags['roles'] as string) } }
  }
}
