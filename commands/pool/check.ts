import { RowsCommand, type RowsFlags } from '../../src/cli/rows-command.js'
import type { HealthCheck } from '../../src/contract/farms.js'
import type { CommonFlags } from '../../src/cli/base-command.js'

export default class PoolCheck extends RowsCommand {
  static override summary = 'hold pools against the rules'
  static override description = 'Checks pools, or all: their masters, servers, roles and storage, whether they have HA or could have it, their processors, and whether there is spare room for the largest guest that runs. Reads only. Exit 5 when something is an error, 0 otherwise.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> pool check pool1',
    { description: 'Only what is not in order, of all pools', command: "<%= config.bin %> pool check --filter 'result!=ok'" },
  ]
  static override output = 'check[]' as const
  static override strict = false
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'check'
  private isBroken = false

  protected async rows(flags: RowsFlags, argv: readonly string[]): Promise<readonly HealthCheck[]> {
    const manager = await this.manager(flags)
    const checks = await manager.check({ principal: this.principal(flags), kind: 'pool', names: [...argv] })
    this.isBroken = checks.some(({ result }) => result === 'error')
    return checks
  }

  /** By all that was found, shown or not. */
  protected override exitOf(): number {
    return this.isBroken ? 5 : 0
  }

  /** What to do is never cut. */
  protected override look(flags: CommonFlags) {
    return { ...super.look(flags), width: null }
  }
}
