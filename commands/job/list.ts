import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class JobList extends ListCommand {
  static override summary = 'list jobs'
  static override description = 'Lists jobs, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> job list --state succeeded',
    { description: 'The latest ten', command: '<%= config.bin %> job list --sort endedAt:desc --limit 10' },
    { description: 'Those of one guest', command: "<%= config.bin %> job list --filter 'subject=vm1' -o json" },
  ]
  static override exampleFarm = ['vm start vm1 vm2']
  static override flags = listFlags('job')
  protected readonly kind = 'job'
}
