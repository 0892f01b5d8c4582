import { RowsCommand, type RowsFlags } from '../../src/cli/rows-command.js'

export default class ServerRepos extends RowsCommand {
  static override summary = 'list what servers have mounted'
  static override description = 'Asks servers for the repositories that they have mounted, and where: the root repository of the pool first, then what extends it. All servers when none is named. What repo list shows is the record; repo check holds the two against each other.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> server repos ovs1',
    { description: 'Where the root is mounted', command: "<%= config.bin %> server repos --filter root=true --columns server,mountPoint" },
  ]
  static override strict = false
  static override output = 'server-repo[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'server-repo'

  protected async rows(flags: RowsFlags, argv: readonly string[]): Promise<readonly object[]> {
    return (await this.manager(flags)).serverRepos({ principal: this.principal(flags), names: [...argv] })
  }
}
