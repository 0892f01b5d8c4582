import { BaseCommand } from '../../src/cli/base-command.js'
import { notHereByDefault } from '../../src/cli/elsewhere.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'
import { Refusal } from '../../src/cli/refusal.js'

export default class SimUse extends BaseCommand {
  static override summary = 'make a farm the current one'
  static override description = 'Makes a farm the one that commands work on when they name no other with --farm.'
  static override usage = '<%= command.id %> NAME'
  static override examples = [
    '<%= config.bin %> sim use figure-8',
    { description: 'For one command only', command: '<%= config.bin %> farm status --farm other' },
  ]
  static override exampleFarm = ['sim create other --preset figure-6']
  static override worksHere = true
  static override output = 'farm' as const
  static override acts = true
  static override strict = false

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    const [name] = argv
    if (argv.length !== 1 || name === undefined) throw new Refusal('usage.argument', 'name one farm', 'sim list shows what there is')
    const used = await (await this.keeper(flags)).use(name)
    const note = notHereByDefault(this.defaults, name)
    if (note !== null) this.tell(flags, note)
    await writeOut(await renderObject(null, { ...used }, this.look(flags)))
    return 0
  }
}
