import * as Flags from '@oclif/core/flags'
import { ActingCommand, type ActingFlags } from '../../src/cli/acting-command.js'
import { countedNames } from '../../src/cli/new-names.js'
import type { SelectFlags } from '../../src/cli/selector.js'
import type { OperationOptions } from '../../src/contract/requests.js'

const { pool: _pool, 'max-share': _share, order: _order, ...flags } = ActingCommand.actingFlags

export default class VmClone extends ActingCommand {
  static override summary = 'make guests like one that is there'
  static override description = 'Copies a guest that is off, one or many times, with addresses of their own. The copies belong to whoever asks for them. Of several guests there have to be as many names for each.'
  static override usage = '<%= command.id %> SOURCE... --name NAME [--count N] [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> vm clone vm1 --name web' },
    { description: 'Three, in a pattern', command: "<%= config.bin %> vm clone vm1 --name 'web{01..03}'" },
    { description: 'Into another pool', command: '<%= config.bin %> vm clone vm2 --name db --pool pool2' },
  ]
  static override flags = {
    name: Flags.string({ helpValue: 'NAME', required: true, description: "name of the new guest, or a pattern: 'web{001..250}'" }),
    count: Flags.integer({ helpValue: 'N', min: 1, description: 'so many: NAME-1, NAME-2 and so on' }),
    pool: Flags.string({ helpValue: 'POOL', description: 'in this pool (default: the pool of the source)' }),
    ...flags,
  }
  protected readonly operation = 'vm.clone'

  /** Here --pool is where the copies go. */
  protected override selecting(given: ActingFlags): SelectFlags {
    const { pool: _, ...rest } = given
    return rest
  }

  protected override options(given: Record<string, unknown>): Partial<OperationOptions> {
    return { details: { names: countedNames(given['name'] as string, (given['count'] as number | undefined) ?? null, 'guest'), pool: this.isDefault('pool') ? null : ((given['pool'] as string | undefined) ?? null) } }
  }
}
