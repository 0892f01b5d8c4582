import { BaseCommand } from '../../src/cli/base-command.js'
import { renderReport } from '../../src/cli/report-view.js'
import { writeOut } from '../../src/cli/streams.js'
import { Refusal } from '../../src/cli/refusal.js'

export default class RunShow extends BaseCommand {
  static override summary = 'show the report of a run'
  static override description = 'Shows what became of every target of a run, as the command itself reported it, or better: outcomes that were seen later are in it.'
  static override usage = '<%= command.id %> RUN'
  static override examples = [
    { description: 'The latest', command: '<%= config.bin %> run show $(ovmcli run list -o name --sort startedAt:desc --limit 1)' },
    { description: 'Targets that failed, as data', command: `<%= config.bin %> run show $(ovmcli run list -o name --limit 1) -o json --query "items[?result=='failed']"` },
  ]
  static override exampleFarm = ['vm start vm1 vm2']
  static override output = 'report' as const
  static override strict = false

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    const [run] = argv
    if (argv.length !== 1 || run === undefined) throw new Refusal('usage.argument', 'name one run', 'run list shows what there is')
    const manager = await this.manager(flags)
    await writeOut(await renderReport(await manager.runReport({ principal: this.principal(flags), run }), this.look(flags), true))
    return 0
  }
}
