import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../src/cli/base-command.js'
import { reportExit } from '../../src/cli/exit.js'
import { sayError } from '../../src/cli/print-error.js'
import { printReport, sayFailures } from '../../src/cli/report-view.js'
import { selectingFlags } from '../../src/cli/selection-flags.js'
import { aimedBy, selectorOf, type SelectFlags } from '../../src/cli/selector.js'
import { waitGoals, type WaitRequest } from '../../src/contract/requests.js'

export default class VmWait extends BaseCommand {
  static override summary = 'wait until guests are in a state'
  static override description = 'Waits until every guest is in the state: one of the states, stopped (powered off or suspended) or settled (nothing under way). One deadline, --timeout, for all; a wait that nothing due can end ends at once with 7.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm wait vm1 --for running --timeout 5m',
    { description: 'Until nothing is under way', command: '<%= config.bin %> vm wait --all --for settled' },
    { description: 'Hand a start over, and wait for it later', command: '<%= config.bin %> vm start vm7 --no-wait && ovmcli vm wait vm7 --for running --or-fail' },
  ]
  static override exampleFarm = ['vm start vm1 vm2', 'vm start vm3 --no-wait']
  static override output = 'report' as const
  static override strict = false
  static override flags = {
    for: Flags.string({ helpValue: 'STATE', options: [...waitGoals], default: 'settled', description: 'what to wait for' }),
    'or-fail': Flags.boolean({ description: 'a guest that goes into error ends its wait as failed' }),
    ...selectingFlags,
  }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<SelectFlags & { for: WaitRequest['for']; 'or-fail'?: boolean }>()
    const manager = await this.manager(flags)
    const report = await manager.waitForVms({
      principal: this.principal(flags), selector: selectorOf(argv, aimedBy(argv, flags, this.isDefault('pool')), line => this.tell(flags, line)), for: flags.for, orFail: flags['or-fail'] ?? false, timeoutMs: this.timeoutMs(flags),
    })
    const unasked = await printReport(report, this.look(flags), flags.verbose ?? false)
    sayFailures(report)
    if (unasked) sayError(unasked)
    return reportExit(report) || (unasked?.exit ?? 0)
  }
}
