import * as Flags from '@oclif/core/flags'
import { ActingCommand } from '../../src/cli/acting-command.js'
import { durationMs } from '../../src/cli/duration-flag.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class VmStop extends ActingCommand {
  static override summary = 'stop guests'
  static override description = 'Shuts guests down. One that does not go down within --grace stays running, unless --force-after. More than one guest, a glob or a narrowing wants --yes.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm stop vm1',
    { description: 'A pool, switching off what does not go down', command: '<%= config.bin %> vm stop --pool pool2 --yes --force-after 90s' },
    { description: 'At once', command: '<%= config.bin %> vm stop vm3 --force' },
    { description: 'All that run, but never more than half of a pool', command: '<%= config.bin %> vm stop --state running --max-share 90% --yes' },
  ]
  static override exampleFarm = ['vm start --all']
  static override flags = {
    force: Flags.boolean({ description: 'switch off at once; also paused and suspended guests' }),
    grace: Flags.string({ helpValue: 'DURATION', description: 'how long a guest may take to go down (default 60s)' }),
    'force-after': Flags.string({ helpValue: 'DURATION', description: 'switch off what is not down after this long' }),
    ...ActingCommand.actingFlags,
  }
  protected readonly operation = 'vm.stop'

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return {
      force: flags['force'] === true,
      graceMs: durationMs(flags['grace'], '--grace'),
      forceAfterMs: durationMs(flags['force-after'], '--force-after'),
    }
  }
}
