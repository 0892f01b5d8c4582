import { TakeUpCommand } from '../../src/cli/take-up-command.js'

export default class RunResume extends TakeUpCommand {
  static override summary = 'take an interrupted run up where it was cut'
  static override description = 'Finishes a run whose command was cut: what had begun is read back, what had not is begun now, and nothing is done twice. The report is that of the whole run. Of a run that has ended only outcomes that were unknown are followed.'
  static override usage = '<%= command.id %> RUN [FLAGS]'
  static override examples = [{ description: 'The latest, that was cut or did not see the end', command: '<%= config.bin %> run resume $(ovmcli run list -o name --sort startedAt:desc --limit 1)' }]
  static override exampleFarm = ['vm start vm1 vm2 --timeout 5s']
  static override flags = TakeUpCommand.takeUpFlags

  async run(): Promise<number> {
    const { flags, ...taken } = await this.takenUp()
    return this.seeThrough(flags, `run resume ${taken.run}`, manager => manager.resumeRun({ principal: this.principal(flags), ...taken }))
  }
}
