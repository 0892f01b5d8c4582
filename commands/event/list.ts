import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class EventList extends ListCommand {
  static override summary = 'list events'
  static override description = 'Lists events, filtered, sorted and cut by the manager.'
  static override examples = [
    { description: 'What went wrong', command: '<%= config.bin %> event list --filter severity=error' },
    { description: 'What happened to a guest, the latest first', command: '<%= config.bin %> event list --filter subject=vm1 --sort at:desc' },
    { description: 'The last five, as JSON lines', command: '<%= config.bin %> event list --sort at:desc --limit 5 -o jsonl' },
  ]
  static override exampleFarm = ['vm start vm1']
  static override flags = listFlags('event')
  protected readonly kind = 'event'
}
