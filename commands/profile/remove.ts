import { BaseCommand } from '../../src/cli/base-command.js'
import { connection } from '../../src/cli/connection.js'
import { profileSummary } from '../../src/cli/profile-view.js'
import { dropProfile, readProfile, trustOf } from '../../src/cli/profiles.js'
import { Refusal } from '../../src/cli/refusal.js'
import { renderRows } from '../../src/cli/render.js'
import { say, writeOut } from '../../src/cli/streams.js'

export default class ProfileRemove extends BaseCommand {
  static override summary = 'log out, and forget profiles'
  static override description = 'Ends the logins with their managers and forgets the profiles. Where a manager cannot be reached the profile is forgotten all the same, and its token ends when it expires.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = ['<%= config.bin %> profile remove work']
  static override output = 'profile[]' as const
  static override acts = true
  static override strict = false

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    if (argv.length === 0) throw new Refusal('usage.argument', 'name the profiles to remove', 'profile list shows what there is')
    const profiles = [...new Set(argv)].map(name => ({ name, profile: readProfile(name) }))
    const summaries = profiles.map(({ name, profile }) => ({ ...profileSummary(name, profile) }))
    const desk = await connection().openDesk()
    for (const { name, profile } of profiles) {
      try {
        await desk.logOut({ url: profile.manager, trust: trustOf(profile.trust) }, profile.token)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        if (error.code !== 'auth.token') say(`${name}: the login was not ended there: ${error.message}`)
      }
      dropProfile(name)
    }
    await writeOut(await renderRows('profile', summaries, ['name', 'manager', 'user'], this.look(flags)))
    return 0
  }
}
