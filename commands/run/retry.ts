import * as Flags from '@oclif/core/flags'
import { requestKeyOf } from '../../src/cli/policy-flags.js'
import { TakeUpCommand } from '../../src/cli/take-up-command.js'

export default class RunRetry extends TakeUpCommand {
  static override summary = 'do again what failed or was not attempted in a run'
  static override description = 'Begins a new run over the targets of a run that failed or were not attempted. What is unknown is left out: look first. What a later retry has done is left out too, so retrying shrinks.'
  static override usage = '<%= command.id %> RUN [FLAGS]'
  static override examples = [{ description: 'The latest, two at a time', command: '<%= config.bin %> run retry $(ovmcli run list -o name --sort startedAt:desc --limit 1) --parallel 2' }]
  static override exampleFarm = ['vm start --pool pool1 --parallel 1 --finish-by +1m']
  static override flags = {
    ...TakeUpCommand.takeUpFlags,
    'request-key': Flags.string({ helpValue: 'KEY', description: 'the same key again returns the first report instead of doing it again' }),
  }

  async run(): Promise<number> {
    const { flags, ...taken } = await this.takenUp()
    const requestKey = requestKeyOf(flags['request-key'])
    return this.seeThrough(flags, `run retry ${taken.run}`, manager => manager.retryRun({ principal: this.principal(flags), requestKey, reason: flags.reason ?? null, ...taken }))
  }
}
