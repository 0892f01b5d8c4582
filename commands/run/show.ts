import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { checkReportColumns, renderReport } from '../../src/cli/report-view.js'
import { writeOut } from '../../src/cli/streams.js'
import { Refusal } from '../../src/cli/refusal.js'
import { watchFlag } from '../../src/cli/watch-flag.js'

export default class RunShow extends BaseCommand {
  static override summary = 'show the report of a run'
  static override description = 'Shows what became of every target of a run, as the command itself reported it, or better: outcomes that were seen later are in it.'
  static override usage = '<%= command.id %> RUN [--watch]'
  static override examples = [
    { description: 'The latest', command: '<%= config.bin %> run show $(ovmcli run list -o name --sort startedAt:desc --limit 1)' },
    { description: 'Targets that failed, as data', command: `<%= config.bin %> run show $(ovmcli run list -o name --limit 1) -o json --query "items[?result=='failed']"` },
  ]
  static override exampleFarm = ['vm start vm1 vm2']
  static override output = 'report' as const
  static override strict = false
  static override flags = { watch: watchFlag() }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { watch?: boolean }>()
    const [run] = argv
    if (argv.length !== 1 || run === undefined) throw new Refusal('usage.argument', 'name one run', 'run list shows what there is')
    const [look, principal, manager] = [this.look(flags), this.principal(flags), await this.manager(flags)]
    if (flags.watch) {
      checkReportColumns(look)
      const { watchReport } = await import('../../src/cli/watch-report.js')
      return watchReport({ manager, principal, timeoutMs: this.timeoutMs(flags) }, this.typed('run show'), run, look)
    }
    await writeOut(await renderReport(await manager.runReport({ principal, run }), look, true))
    return 0
  }
}
