import { BaseCommand } from '../../src/cli/base-command.js'
import { profileSummary } from '../../src/cli/profile-view.js'
import { oneProfile } from '../../src/cli/profiles.js'
import { checkFields, renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'
import { listFields } from '../../src/contract/list-fields.js'

export default class ProfileShow extends BaseCommand {
  static override summary = 'show a profile'
  static override description = 'Shows a profile, or the one in use: the manager, the user, by what its certificate is known, and when the login expires. The token is never shown.'
  static override usage = '<%= command.id %> [NAME]'
  static override examples = ['<%= config.bin %> profile show work']
  static override output = 'profile' as const
  static override strict = false

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    const look = this.look(flags)
    checkFields(look.columns, Object.keys(listFields.profile))
    await writeOut(await renderObject('profile', { ...profileSummary(oneProfile(argv, flags.profile)) }, look))
    return 0
  }
}
