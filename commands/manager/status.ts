import { BaseCommand } from '../../src/cli/base-command.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'

export default class ManagerStatus extends BaseCommand {
  static override summary = 'whether a farm is served, where, and by which certificate'
  static override description = 'Shows on the machine of a manager whether it is made ready and served, by which process and where, how many logins hold, and the fingerprint of its certificate: what profile add shows elsewhere is to be the same.'
  static override examples = ['<%= config.bin %> manager status', { description: 'Is it served', command: '<%= config.bin %> manager status --farm figure-8 -o json --query state' }]
  static override worksHere = true
  static override output = 'manager-status' as const

  async run(): Promise<number> {
    const { flags } = await this.words()
    const look = this.look(flags)
    await writeOut(await renderObject(null, { ...(await (await this.services(flags)).status(flags.farm ?? null)) }, look))
    return 0
  }
}
