import { BaseCommand, type CommonFlags } from '../src/cli/base-command.js'
import { noDefaults } from '../src/cli/defaults.js'
import { farmChecks } from '../src/cli/doctor/farm-checks.js'
import { folderChecks } from '../src/cli/doctor/folder-checks.js'
import { programChecks } from '../src/cli/doctor/program-checks.js'
import { settingsCheck } from '../src/cli/doctor/settings-check.js'
import { terminalChecks } from '../src/cli/doctor/terminal-checks.js'
import { variableChecks } from '../src/cli/doctor/variable-checks.js'
import { Refusal } from '../src/cli/refusal.js'
import { checkFields, renderRows } from '../src/cli/render.js'
import { writeOut } from '../src/cli/streams.js'

const fields = ['check', 'result', 'message', 'hint']

export default class Doctor extends BaseCommand {
  static override summary = 'find out what is in the way'
  static override description = 'Checks what ovmcli needs: Node, its build, the folders it reads and writes, every farm, the terminal and the environment, and says what to do about each fault. Reads only. Exit 8 when something is an error, 0 otherwise.'
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor -o json']

  async run(): Promise<number> {
    const flags = await this.flagsOrNone()
    const look = this.look(flags)
    checkFields(look.columns, fields)
    const checks = [
      ...programChecks(), ...folderChecks(), await settingsCheck(), ...(await farmChecks(async () => this.keeper(), flags.farm ?? null)), ...terminalChecks(), ...variableChecks(),
    ]
    if (look.format === 'name') await writeOut(checks.map(({ check }) => `${check}\n`).join(''))
    else await writeOut(await renderRows(null, checks.map(check => ({ ...check })), fields, look))
    return checks.some(({ result }) => result === 'error') ? 8 : 0
  }

  /** The flags; where a default of them is bad, without any default: that is among what a doctor is called for. */
  private async flagsOrNone(): Promise<CommonFlags> {
    try {
      return (await this.words()).flags
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'usage.config') throw error
      this.defaults = noDefaults
      return (await this.words()).flags
    }
  }
}
