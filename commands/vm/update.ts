import * as Flags from '@oclif/core/flags'
import { ActingCommand, type ActingFlags } from '../../src/cli/acting-command.js'
import { tagChangeOf } from '../../src/cli/tag-change.js'
import type { SelectFlags } from '../../src/cli/selector.js'
import type { OperationOptions } from '../../src/contract/requests.js'

const { tag: _, ...actingFlags } = ActingCommand.actingFlags

export default class VmUpdate extends ActingCommand {
  static override summary = 'change guests: their tags'
  static override description = "Sets and takes away tags of guests, powered off or running. Here --tag sets: select by tag with --filter 'tags.KEY=VALUE'."
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'Set a tag', command: '<%= config.bin %> vm update vm1 vm2 --tag tier=web' },
    { description: 'Another value for all that have it', command: "<%= config.bin %> vm update --filter 'tags.tier=web' --tag tier=front" },
    { description: 'Take it away', command: '<%= config.bin %> vm update --all --untag tier' },
  ]
  static override flags = {
    tag: Flags.string({ helpValue: 'KEY=VALUE', multiple: true, multipleNonGreedy: true, description: 'set a tag: key=value' }),
    untag: Flags.string({ helpValue: 'KEY', multiple: true, multipleNonGreedy: true, description: 'take a tag away: key' }),
    ...actingFlags,
  }
  protected readonly operation = 'vm.update'

  protected override selecting(flags: ActingFlags): SelectFlags {
    const { tag: __, ...rest } = flags
    return rest
  }

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { tags: tagChangeOf((flags['tag'] as string[] | undefined) ?? [], (flags['untag'] as string[] | undefined) ?? []) }
  }
}
