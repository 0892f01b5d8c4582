import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { profileSummary } from '../../src/cli/profile-view.js'
import { oneProfile, useProfile } from '../../src/cli/profiles.js'
import { Refusal } from '../../src/cli/refusal.js'
import { checkFields, renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'
import { listFields } from '../../src/contract/list-fields.js'

export default class ProfileUse extends BaseCommand {
  static override summary = 'choose the profile that commands use'
  static override description = 'From then on commands work on the manager of that profile when they name no farm or manager. --none: on the farms of this machine again.'
  static override usage = '<%= command.id %> NAME | --none'
  static override examples = ['<%= config.bin %> profile use work', { description: 'The farms of this machine again', command: '<%= config.bin %> profile use --none' }]
  static override output = 'profile' as const
  static override acts = true
  static override strict = false
  static override flags = { none: Flags.boolean({ description: 'no profile: the farms of this machine' }) }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { none?: boolean }>()
    if (flags.none ? argv.length > 0 : argv.length === 0) throw new Refusal('usage.argument', flags.none ? '--none and a name exclude each other' : 'name the profile to use', 'profile list shows what there is')
    if (flags.none) {
      useProfile(null)
      this.tell(flags, 'commands work on the farms of this machine')
      return 0
    }
    const name = oneProfile(argv, undefined)
    const look = this.look(flags)
    checkFields(look.columns, Object.keys(listFields.profile))
    const summary = profileSummary(name)
    useProfile(name)
    await writeOut(await renderObject('profile', { ...summary, current: true }, look))
    return 0
  }
}
