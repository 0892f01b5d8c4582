import { BaseCommand } from '../../src/cli/base-command.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'

export default class SimStatus extends BaseCommand {
  static override summary = 'the simulated world: clock, work under way, physics'
  static override description = 'Shows the clock of the simulated world, what is under way in it and when that ends, and its physics (milliseconds; bytes a second).'
  static override examples = [
    '<%= config.bin %> sim status',
    { description: 'When something falls due', command: '<%= config.bin %> sim status -o json --query nextDueAt' },
  ]
  static override output = 'world-status' as const

  async run(): Promise<number> {
    const { flags } = await this.words()
    await writeOut(await renderObject(null, { ...(await (await this.keeper(flags)).status(flags.farm ?? null)) }, this.look(flags)))
    return 0
  }
}
