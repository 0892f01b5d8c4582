import { MembersCommand } from '../../src/cli/members-command.js'

export default class UserGrant extends MembersCommand {
  static override summary = 'grant pools to a manager'
  static override description = 'A manager does everything in the pools granted to him. Users have their own guests, and administrators all pools, so to them none are granted.'
  static override usage = '<%= command.id %> USER POOL... [FLAGS]'
  static override examples = ['<%= config.bin %> user grant operator pool1 pool2']
  static override exampleFarm = ['user revoke operator pool2']
  static override flags = MembersCommand.makingFlags
  protected readonly operation = 'user.grant'
  protected readonly line = 'USER POOL...'
  protected readonly field = 'pools'
}
