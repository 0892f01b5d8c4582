import { RowsCommand, type RowsFlags } from '../../src/cli/rows-command.js'

export default class ServerNetwork extends RowsCommand {
  static override summary = 'list the network cards of servers'
  static override description = 'Asks servers for their network cards: the bridge of each, that guests are attached to, and what goes over it of management, heartbeat and migration. All servers when none is named.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> server network ovs1',
    { description: 'Where live migration goes', command: "<%= config.bin %> server network --filter networks=migration --columns server,nic,address" },
  ]
  static override strict = false
  static override output = 'server-nic[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'server-nic'

  protected async rows(flags: RowsFlags, argv: readonly string[]): Promise<readonly object[]> {
    return (await this.manager(flags)).serverNetwork({ principal: this.principal(flags), names: [...argv] })
  }
}
