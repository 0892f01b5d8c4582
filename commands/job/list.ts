import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class JobList extends ListCommand {
  static override summary = 'list jobs'
  static override description = 'Lists jobs, filtered, sorted and cut by the manager.'
  static override examples = ['<%= config.bin %> job list --state failed', '<%= config.bin %> job list --sort endedAt:desc --limit 10']
  static override flags = listFlags('job')
  protected readonly kind = 'job'
}
