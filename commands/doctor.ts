import type { CommonFlags } from '../src/cli/base-command.js'
import { connection } from '../src/cli/connection.js'
import { noDefaults } from '../src/cli/defaults.js'
import { farmChecks } from '../src/cli/doctor/farm-checks.js'
import { folderChecks } from '../src/cli/doctor/folder-checks.js'
import { managerChecks } from '../src/cli/doctor/manager-check.js'
import { profileChecks } from '../src/cli/doctor/profile-checks.js'
import { programChecks } from '../src/cli/doctor/program-checks.js'
import { settingsCheck } from '../src/cli/doctor/settings-check.js'
import { terminalChecks } from '../src/cli/doctor/terminal-checks.js'
import { variableChecks } from '../src/cli/doctor/variable-checks.js'
import { elsewhere } from '../src/cli/elsewhere.js'
import { homeFolder } from '../src/cli/places.js'
import { Refusal } from '../src/cli/refusal.js'
import { RowsCommand, type RowsFlags } from '../src/cli/rows-command.js'

export default class Doctor extends RowsCommand {
  static override summary = 'find out what is in the way'
  static override description = 'Checks what ovmcli needs: Node, its build, the folders it reads and writes, every farm, the way to the manager that a profile or --manager names, the terminal and the environment, and says what to do about each fault. Reads only. Exit 8 when something is an error, 0 otherwise.'
  static override examples = [
    '<%= config.bin %> doctor',
    { description: 'Only what is in the way', command: "<%= config.bin %> doctor --filter 'result!=ok'" },
  ]
  static override output = 'check[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'check'
  private isBroken = false

  protected async rows(flags: RowsFlags): Promise<readonly object[]> {
    const checks = [
      ...programChecks(), ...folderChecks(), await settingsCheck(), ...profileChecks(), ...(await managerChecks(() => this.target(flags), () => this.loginOf(flags))), ...(await farmChecks(async () => connection().openKeeper(homeFolder()), flags.farm ?? null, this.elsewhere(flags))), ...terminalChecks(), ...variableChecks(),
    ]
    this.isBroken = checks.some(({ result }) => result === 'error')
    return checks
  }

  /** Where commands work, in words, when that is elsewhere; managerChecks tells why that cannot be said. */
  private elsewhere(flags: RowsFlags): string | null {
    try {
      return elsewhere(this.target(flags))
    } catch (error) {
      if (error instanceof Refusal) return null
      throw error
    }
  }

  /** By all that was found, shown or not. */
  protected override exitOf(): number {
    return this.isBroken ? 8 : 0
  }

  /** What to do is never cut. */
  protected override look(flags: CommonFlags) {
    return { ...super.look(flags), width: null }
  }

  /** The flags; where a default of them is bad, without any default: that is among what a doctor is called for. */
  protected override async words<F extends CommonFlags>(): Promise<{ flags: F; argv: string[] }> {
    try {
      return await super.words<F>()
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'usage.config') throw error
      this.defaults = noDefaults
      return super.words<F>()
    }
  }
}
