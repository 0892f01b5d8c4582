import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class ServerList extends ListCommand {
  static override summary = 'list servers'
  static override description = 'Lists servers, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> server list',
    { description: 'Where most memory is free', command: '<%= config.bin %> server list --sort memoryFreeMiB:desc --columns name,pool,memoryFreeMiB' },
    { description: 'Masters of their pools', command: "<%= config.bin %> server list --filter 'roles=master' -o name" },
  ]
  static override flags = listFlags('server')
  protected readonly kind = 'server'
}
