import * as Flags from '@oclif/core/flags'
import { MakingCommand } from '../../src/cli/making-command.js'
import { oneSource } from '../../src/cli/one-source.js'
import type { ActingFlags } from '../../src/cli/acting-command.js'
import type { OperationOptions, Selector } from '../../src/contract/requests.js'

export default class VmTemplate extends MakingCommand {
  static override summary = 'save a guest as a template'
  static override description = 'Copies the files of a guest that is off into a template of its pool, which guests can be made of. The guest stays.'
  static override usage = '<%= command.id %> VM --name NAME [FLAGS]'
  static override examples = [{ description: 'A template of a guest', command: '<%= config.bin %> vm template vm1 --name gold' }]
  static override flags = {
    name: Flags.string({ helpValue: 'NAME', required: true, description: 'name of the new template' }),
    ...MakingCommand.makingFlags,
  }
  protected readonly operation = 'vm.template'

  protected override selector(_flags: ActingFlags, argv: readonly string[]): Selector {
    return oneSource(argv, 'vm template VM --name NAME')
  }

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { details: { name: flags['name'] } }
  }
}
