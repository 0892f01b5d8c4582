import { BaseCommand } from '../../src/cli/base-command.js'
import { connection } from '../../src/cli/connection.js'
import { homeFolder } from '../../src/cli/places.js'
import { oneProfile } from '../../src/cli/profiles.js'
import { reach } from '../../src/cli/reach.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'

export default class ProfileTest extends BaseCommand {
  static override summary = 'ask the manager of a profile who you are there'
  static override description = 'Asks the manager of a profile, or of the one in use, who you are there: what is in the way ends with its own code, be it the host, the port, TLS, the certificate, the version or the login.'
  static override usage = '<%= command.id %> [NAME]'
  static override examples = ['<%= config.bin %> profile test work']
  static override output = 'who' as const
  static override strict = false

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    const look = this.look(flags)
    const name = oneProfile(argv, flags.profile)
    this.profile = name
    const { place, login, user } = await reach({ kind: 'profile', name }, () => this.loginOf(flags), this.timeoutMs(flags), line => this.tell(flags, line))
    this.mustBe(user, flags)
    const manager = await connection().openRemote(place, login)
    try {
      await writeOut(await renderObject(null, { ...(await manager.whoAmI({ principal: { user } })), home: homeFolder() }, look))
    } finally {
      await connection().releaseManager(manager)
    }
    return 0
  }
}
