import { BaseCommand } from '../../src/cli/base-command.js'
import { connection } from '../../src/cli/connection.js'
import { logOutOf } from '../../src/cli/log-out.js'
import { shownProfile } from '../../src/cli/profile-view.js'
import { dropProfile, mustBeAbleToForget } from '../../src/cli/profiles.js'
import { Refusal } from '../../src/cli/refusal.js'
import { checkFields, renderRows } from '../../src/cli/render.js'
import { say, writeOut } from '../../src/cli/streams.js'
import { listFields } from '../../src/contract/list-fields.js'

export default class ProfileRemove extends BaseCommand {
  static override summary = 'log out, and forget profiles'
  static override description = 'Ends the logins with their managers and forgets the profiles, damaged ones too. Where a manager cannot be reached the profile is forgotten all the same, and its token ends when it expires.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = ['<%= config.bin %> profile remove work']
  static override output = 'profile[]' as const
  static override acts = true
  static override strict = false

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    if (argv.length === 0) throw new Refusal('usage.argument', 'name the profiles to remove', 'profile list shows what there is')
    const look = this.look(flags)
    checkFields(look.columns, Object.keys(listFields.profile))
    const profiles = [...new Set(argv)].map(name => ({ name, ...shownProfile(name) }))
    mustBeAbleToForget()
    const desk = await connection().openDesk()
    const gone: string[] = []
    for (const { name, profile } of profiles) {
      const unended = profile === null ? 'the profile is damaged' : await logOutOf(desk, profile)
      if (unended !== null) say(`${name}: the login was not ended there: ${unended}`)
      forget(name, unended === null, gone)
    }
    await writeOut(await renderRows('profile', profiles.map(({ summary }) => ({ ...summary })), ['name', 'manager', 'user'], look))
    return 0
  }
}

/** Forgets a profile. @param gone those that are forgotten, and soon this one @throws Refusal store.* that says what was done all the same */
function forget(name: string, isEnded: boolean, gone: string[]): void {
  try {
    dropProfile(name)
    gone.push(name)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(error.code, `${error.message}${isEnded ? `; the login of ${name} is ended all the same` : ''}${gone.length === 0 ? '' : `; forgotten: ${gone.join(', ')}`}`, error.hint, { forgotten: gone })
  }
}
