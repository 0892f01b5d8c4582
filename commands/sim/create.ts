import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { notHereByDefault } from '../../src/cli/elsewhere.js'
import { checkFields, renderObject } from '../../src/cli/render.js'
import { say, writeOut } from '../../src/cli/streams.js'
import { Refusal } from '../../src/cli/refusal.js'

type Given = CommonFlags & { preset: string; seed: number; running?: boolean; ha?: boolean; replace?: boolean; pools?: number; servers?: number; guests?: number }

export default class SimCreate extends BaseCommand {
  static override summary = 'make a simulated farm'
  static override description = 'Makes a farm from a preset and makes it the current one. The same seed gives the same farm, to the byte.'
  static override usage = '<%= command.id %> [NAME] --preset P [FLAGS]'
  static override examples = [
    '<%= config.bin %> sim create --preset figure-8 --replace',
    { description: 'A larger one, with everything running', command: '<%= config.bin %> sim create big --preset grid --pools 2 --servers 4 --guests 20 --running' },
    { description: 'One whose shared pools have HA, with other ids', command: '<%= config.bin %> sim create site --preset figure-9 --ha --seed 7' },
  ]
  static override worksHere = true
  static override output = 'farm-made' as const
  static override acts = true
  static override strict = false
  static override flags = {
    preset: Flags.string({ helpValue: 'PRESET', required: true, description: 'what to make: see sim presets' }),
    seed: Flags.integer({ helpValue: 'N', default: 1, description: 'what ids and chance come from' }),
    running: Flags.boolean({ description: 'start every guest that fits' }),
    ha: Flags.boolean({ description: 'shared pools and their guests get HA' }),
    replace: Flags.boolean({ description: 'in place of a farm of that name' }),
    pools: Flags.integer({ helpValue: 'N', description: 'grid: pools (default 2)' }),
    servers: Flags.integer({ helpValue: 'N', description: 'grid: servers a pool (default 4)' }),
    guests: Flags.integer({ helpValue: 'N', description: 'grid: guests a pool (default 40)' }),
  }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<Given>()
    if (argv.length > 1) throw new Refusal('usage.argument', 'a farm has one name', 'ovmcli sim create NAME --preset P')
    const look = this.look(flags)
    checkFields(look.columns, ['name', 'preset', 'seed', 'current', 'pools', 'servers', 'vms', 'notStarted'])
    const made = await (await this.keeper(flags)).create(this.principal(flags), {
      name: argv[0] ?? null, preset: flags.preset, seed: flags.seed, running: flags.running ?? false, ha: flags.ha ?? false, replace: flags.replace ?? false,
      pools: flags.pools ?? null, servers: flags.servers ?? null, guests: flags.guests ?? null,
    })
    if (made.notStarted.length > 0) say(`no room to start ${made.notStarted.length} guests: ${made.notStarted.slice(0, 10).join(', ')}`)
    const note = notHereByDefault(this.defaults, made.name)
    if (note !== null) this.tell(flags, note)
    await writeOut(await renderObject(null, { ...made }, look))
    return 0
  }
}
