import type { HealthCheck } from '../contract/farms.js'
import type { RecordKind } from '../contract/fields.js'
import { RowsCommand, type RowsFlags } from './rows-command.js'
import type { CommonFlags } from './base-command.js'

/** `TOPIC check [NAME...]`: what was found, a row each; exit 8 when something is an error. */
export abstract class CheckCommand extends RowsCommand {
  static override strict = false
  static override output = 'check[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'check'
  protected abstract readonly checked: RecordKind
  private isBroken = false

  protected async rows(flags: RowsFlags, argv: readonly string[]): Promise<readonly object[]> {
    const checks: HealthCheck[] = await (await this.manager(flags)).check({ principal: this.principal(flags), kind: this.checked, names: [...argv] })
    this.isBroken = checks.some(({ result }) => result === 'error')
    return checks
  }

  /** By all that was found, shown or not. */
  protected override exitOf(): number {
    return this.isBroken ? 8 : 0
  }

  /** What to do is never cut. */
  protected override look(flags: CommonFlags) {
    return { ...super.look(flags), width: null }
  }
}
