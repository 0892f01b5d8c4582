import { profileSummary } from '../../src/cli/profile-view.js'
import { profileNames } from '../../src/cli/profiles.js'
import { RowsCommand } from '../../src/cli/rows-command.js'

export default class ProfileList extends RowsCommand {
  static override summary = 'list the profiles'
  static override description = 'Lists the logins with managers elsewhere that are kept in OVMCLI_CONFIG_HOME. Tokens are never shown.'
  static override examples = [
    '<%= config.bin %> profile list',
    { description: 'Those that have expired', command: '<%= config.bin %> profile list --filter state=expired -o name' },
  ]
  static override output = 'profile[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'profile'

  protected async rows(): Promise<readonly object[]> {
    return profileNames().map(name => profileSummary(name))
  }
}
