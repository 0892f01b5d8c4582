import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { abortJobs } from '../../src/cli/job-wait.js'
import { selectingFlags } from '../../src/cli/selection-flags.js'

export default class JobAbort extends BaseCommand {
  static override summary = 'abort jobs'
  static override description = 'Aborts jobs: what has not begun never begins, what is under way is undone, so that all is as it was; where that is too late it ends as it would have (exit 5). Waits until they have ended, and lists them.'
  static override usage = '<%= command.id %> [JOB...] [FLAGS]'
  static override examples = [
    { description: 'All that has not ended', command: '<%= config.bin %> job list --state queued --state running -o name | ovmcli job abort --from - --reason "wrong pool"' },
  ]
  static override exampleFarm = ['vm clone vm1 --name web --no-wait']
  static override output = 'list' as const
  static override acts = true
  static override strict = false
  static override flags = { from: selectingFlags.from, reason: Flags.string({ helpValue: 'TEXT', description: 'why, for the journal' }) }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { from?: string; reason?: string }>()
    return abortJobs(await this.manager(flags), this.principal(flags), { names: argv, from: flags.from ?? null, timeoutMs: this.timeoutMs(flags), reason: flags.reason ?? null }, this.look(flags), line => this.tell(flags, line))
  }
}
