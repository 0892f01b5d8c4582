import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { connection } from '../../src/cli/connection.js'
import { logInWith } from '../../src/cli/log-in.js'
import { replaceProfile } from '../../src/cli/log-out.js'
import { profileSummary } from '../../src/cli/profile-view.js'
import { knownProfile, newProfile } from '../../src/cli/profiles.js'
import { passwordMissing } from '../../src/cli/reach.js'
import { Refusal } from '../../src/cli/refusal.js'
import { checkFields, renderObject } from '../../src/cli/render.js'
import { say, writeOut } from '../../src/cli/streams.js'
import { managerUrl } from '../../src/cli/target.js'
import { listFields } from '../../src/contract/list-fields.js'

export default class ProfileAdd extends BaseCommand {
  static override summary = 'log in with a manager elsewhere'
  static override description = 'Logs in with a manager and keeps the login under a name, in a file that only you may read: where the manager is, by what its certificate is known, and a token that holds for 12 hours. The password is kept nowhere. Without --manager a profile that is there is logged in anew; the login that it held is ended then.'
  static override usage = '<%= command.id %> NAME --manager URL --user USER [--password-file FILE] [--trust-on-first-use | --ca FILE]'
  static override examples = [
    { description: 'Trust the certificate that is shown now, and no other later', command: '<%= config.bin %> profile add work --manager https://127.0.0.1:4443 --user admin --password-file secret.txt --trust-on-first-use' },
    { description: 'Log in again', command: '<%= config.bin %> profile add work --password-file secret.txt' },
  ]
  static override output = 'profile' as const
  static override acts = true
  static override strict = false
  static override flags = { 'trust-on-first-use': Flags.boolean({ description: 'trust the certificate that the manager shows now, and no other later, as ssh does' }) }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { 'trust-on-first-use'?: boolean }>()
    const name = newProfile(argv)
    const look = this.look(flags)
    checkFields(look.columns, Object.keys(listFields.profile))
    const { ca, manager, user } = this.givenGlobals(flags) as { ca?: string; manager?: string; user?: string }
    if (ca !== undefined && flags['trust-on-first-use']) throw new Refusal('usage.argument', '--ca and --trust-on-first-use exclude each other')
    const before = knownProfile(name)
    this.profile = name
    const url = manager !== undefined ? managerUrl(manager, '--manager') : (before?.manager ?? (flags.manager === undefined ? undefined : managerUrl(flags.manager, 'OVMCLI_MANAGER')))
    if (url === undefined) throw new Refusal('usage.argument', `which manager profile ${name} is of was not said`, 'give --manager https://HOST:4443')
    const login = this.loginOf(user === undefined && before ? { ...flags, user: before.user } : flags)
    if (login.password === undefined) throw passwordMissing(login.user)
    const desk = await connection().openDesk()
    const profile = await logInWith(desk, {
      url, user: login.user, password: login.password, ca: ca ?? null, trustOnFirstUse: flags['trust-on-first-use'] ?? false, known: before?.manager === url ? before.trust : null,
    }, line => this.tell(flags, line))
    const unended = await replaceProfile(desk, name, profile, before)
    if (unended !== null) say(unended)
    await writeOut(await renderObject('profile', { ...profileSummary(name, profile) }, look))
    return 0
  }
}
