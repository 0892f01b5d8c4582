import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class ServerList extends ListCommand {
  static override summary = 'list servers'
  static override description = 'Lists servers, filtered, sorted and cut by the manager.'
  static override examples = ['<%= config.bin %> server list -o wide', '<%= config.bin %> server list --sort memoryFreeMiB:desc']
  static override flags = listFlags('server')
  protected readonly kind = 'server'
}
