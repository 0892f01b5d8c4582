import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class RunList extends ListCommand {
  static override summary = 'list runs'
  static override description = 'Lists runs, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> run list',
    { description: 'Runs with failures, the latest first', command: "<%= config.bin %> run list --filter 'failed>0' --sort startedAt:desc" },
    { description: 'Runs that were cut', command: '<%= config.bin %> run list --state interrupted -o name' },
  ]
  static override exampleFarm = ['vm start vm1']
  static override flags = listFlags('run')
  protected readonly kind = 'run'
}
