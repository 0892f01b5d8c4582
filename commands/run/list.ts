import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class RunList extends ListCommand {
  static override summary = 'list runs'
  static override description = 'Lists runs, filtered, sorted and cut by the manager.'
  static override examples = ['<%= config.bin %> run list', "<%= config.bin %> run list --filter 'failed>0'"]
  static override flags = listFlags('run')
  protected readonly kind = 'run'
}
