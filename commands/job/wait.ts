import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { waitForJobs } from '../../src/cli/job-wait.js'
import { selectingFlags } from '../../src/cli/selection-flags.js'

export default class JobWait extends BaseCommand {
  static override summary = 'wait until jobs end'
  static override description = 'Waits until every job has ended, such as those of a run that was handed over with --no-wait, and lists them. Exit 0 when all succeeded; of one job that did not, the code of its error; of several, 6. One deadline, --timeout, for all (7); a wait that nothing due can end ends at once (7).'
  static override usage = '<%= command.id %> [JOB...] [FLAGS]'
  static override examples = [
    { description: 'All that is under way', command: '<%= config.bin %> job list --state queued --state running -o name | ovmcli job wait --from -' },
    { description: 'Hand a start over, and wait for its jobs later', command: '<%= config.bin %> vm start vm7 vm8 --no-wait -o csv --columns job --no-header | ovmcli job wait --from - --timeout 5m' },
    '<%= config.bin %> job wait $(ovmcli job list -o name --limit 1)',
  ]
  static override exampleFarm = ['vm start vm1', 'vm start vm2 --no-wait']
  static override output = 'list' as const
  static override strict = false
  static override flags = { from: selectingFlags.from }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { from?: string }>()
    return waitForJobs(await this.manager(flags), this.principal(flags), { names: argv, from: flags.from ?? null, timeoutMs: this.timeoutMs(flags) }, this.look(flags), line => this.tell(flags, line))
  }
}
