import { BaseCommand } from '../src/cli/base-command.js'
import { homeFolder } from '../src/cli/places.js'
import { renderObject } from '../src/cli/render.js'
import { writeOut } from '../src/cli/streams.js'

export default class WhoAmI extends BaseCommand {
  static override summary = 'who acts, with which role, on which farm'
  static override description = 'Shows the user that commands act as, his role, groups and the pools granted to him, the farm they work on, and the folder where farms are kept (OVMCLI_HOME).'
  static override examples = [
    '<%= config.bin %> whoami',
    { description: 'As somebody else', command: '<%= config.bin %> whoami --user operator -o json --query role' },
  ]
  static override output = 'who' as const

  async run(): Promise<number> {
    const { flags } = await this.words()
    const look = this.look(flags)
    const account = await (await this.manager(flags)).whoAmI({ principal: this.principal(flags) })
    await writeOut(look.format === 'name' ? `${account.user}\n` : await renderObject(null, { ...account, home: homeFolder() }, look))
    return 0
  }
}
