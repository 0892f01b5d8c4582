import { shownProfile } from '../../src/cli/profile-view.js'
import { profileNames } from '../../src/cli/profiles.js'
import { RowsCommand, type RowsFlags } from '../../src/cli/rows-command.js'

export default class ProfileList extends RowsCommand {
  static override summary = 'list the profiles'
  static override description = 'Lists the logins with managers elsewhere that are kept in OVMCLI_CONFIG_HOME. Tokens are never shown. One whose file is damaged is listed by its name; profile remove and profile add take its name all the same.'
  static override examples = [
    '<%= config.bin %> profile list',
    { description: 'Those that have expired', command: '<%= config.bin %> profile list --filter state=expired -o name' },
  ]
  static override output = 'profile[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'profile'

  protected async rows(flags: RowsFlags): Promise<readonly object[]> {
    const shown = profileNames().map(shownProfile)
    for (const { fault } of shown) if (fault !== null) this.tell(flags, `${fault.message}; ${fault.hint}`)
    return shown.map(({ summary }) => summary)
  }
}
