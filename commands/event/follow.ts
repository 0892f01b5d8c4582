import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { followRecords } from '../../src/cli/follow-records.js'
import { narrowingFlags, narrowingOf, timeFlags } from '../../src/cli/selection-flags.js'

export default class EventFollow extends BaseCommand {
  static override summary = 'print events as they come'
  static override description = 'Prints each new event on a line, in the order in which the manager records them: none is lost, none told twice. --since prints what there is since then first. Ends with Ctrl-C, after --limit events, or after --timeout, which is wall time here. Nothing is asked while nothing happens.'
  static override examples = [
    { description: 'The first of the last hour', command: '<%= config.bin %> event follow --since 1h --limit 1' },
    { description: 'For a program, a JSON object a line', command: '<%= config.bin %> event follow --since 1d --limit 2 -o jsonl' },
    { description: 'What goes wrong within the next second', command: '<%= config.bin %> event follow --filter severity=error --timeout 1s' },
  ]
  static override exampleFarm = ['vm start vm1']
  static override output = 'record/line' as const
  static override flags = {
    filter: narrowingFlags.filter, since: timeFlags.since,
    limit: Flags.integer({ helpValue: 'N', min: 0, description: 'end after so many' }),
  }

  async run(): Promise<number> {
    const { flags } = await this.words<CommonFlags & { filter?: string[]; since?: string; limit?: number }>()
    const following = { manager: await this.manager(flags), principal: this.principal(flags), timeoutMs: this.timeoutMs(flags) }
    const followed = { kind: 'event' as const, narrowing: narrowingOf(flags), since: flags.since ?? null, limit: flags.limit ?? null }
    return followRecords(following, followed, this.look(flags), farm => this.tell(flags, `farm ${farm}: following events, Ctrl-C ends it`))
  }
}
