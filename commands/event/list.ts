import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class EventList extends ListCommand {
  static override summary = 'list events'
  static override description = 'Lists events, filtered, sorted and cut by the manager.'
  static override examples = ['<%= config.bin %> event list --filter severity=error', '<%= config.bin %> event list --filter subject=vm1']
  static override flags = listFlags('event')
  protected readonly kind = 'event'
}
