import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import { serverRolesOf } from '../../src/cli/server-roles.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class ServerUpdate extends ActingCommand {
  static override summary = 'change servers: their roles, what they are called'
  static override description = 'Gives servers roles in their pools, exactly those that are named, or another name. The role of the master is given by pool master alone. Refused when guests are on a server that would run none, or no server of the pool would have a role any more.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'Let a server do utility work beside running guests', command: '<%= config.bin %> server update ovs2 --roles utility,vm' },
    { description: 'Another name', command: '<%= config.bin %> server update ovs3 --rename ovs4' },
  ]
  static override flags = {
    roles: Flags.string({ helpValue: 'ROLE,…', description: 'the roles it is to have: master, utility, vm' }),
    rename: Flags.string({ helpValue: 'NEWNAME', description: 'another name' }),
    ...ActingCommand.serverFlags,
  }
  protected readonly operation = 'server.update'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { details: { roles: flags['roles'] === undefined ? null : serverRolesOf(flags['roles'] as string), rename: (flags['rename'] as string | undefined) ?? null } }
  }
}
