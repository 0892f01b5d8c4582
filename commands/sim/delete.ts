import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { checkFields, renderRows } from '../../src/cli/render.js'
import { canAsk, writeOut } from '../../src/cli/streams.js'
import { Refusal } from '../../src/cli/refusal.js'

export default class SimDelete extends BaseCommand {
  static override summary = 'delete simulated farms'
  static override description = 'Deletes farms with all that is in them. Always wants a confirmation.'
  static override usage = '<%= command.id %> NAME... --yes'
  static override examples = ['<%= config.bin %> sim delete other --yes']
  static override exampleFarm = ['sim create other --preset figure-6']
  static override worksHere = true
  static override output = 'farm[]' as const
  static override acts = true
  static override strict = false
  static override flags = { yes: Flags.boolean({ char: 'y', description: 'do not ask' }) }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { yes?: boolean }>()
    if (argv.length === 0) throw new Refusal('usage.argument', 'name the farms to delete', 'sim list shows what there is')
    const look = this.look(flags)
    checkFields(look.columns, ['name', 'preset', 'seed', 'current', 'pools', 'servers', 'vms'])
    const keeper = await this.keeper(flags)
    const known = new Set(keeper.names())
    const missing = argv.filter(name => !known.has(name))
    if (missing.length > 0) throw new Refusal('farm.not-found', `there is no farm ${missing.slice(0, 10).join(', ')}`, 'sim list shows what there is', { missing })
    if (!flags.yes && !(await this.agreed(argv))) throw new Refusal('guard.confirm', `deleting ${argv.join(', ')} wants a confirmation`, 'add --yes', { count: argv.length, names: argv })
    const gone = await keeper.delete(this.principal(flags), argv)
    await writeOut(await renderRows(null, gone.map(farm => ({ ...farm })), ['name', 'preset', 'vms'], look))
    return 0
  }

  private async agreed(names: readonly string[]): Promise<boolean> {
    if (!canAsk()) return false
    return (await import('../../src/cli/confirm.js')).confirm(`Delete ${names.join(', ')} with all guests?`)
  }
}
