import { RowsCommand, type RowsFlags } from '../../src/cli/rows-command.js'
import type { HealthCheck } from '../../src/contract/farms.js'

export default class VmCheck extends RowsCommand {
  static override summary = 'look into guests'
  static override description = 'Holds guests against what their servers report: state, memory and files; and against the rules: operating system and mode, owner and group, addresses, preferred servers, HA, room to start. All of them when none is named. Reads only. Exit 8 when something is an error, 0 otherwise.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'All', command: '<%= config.bin %> vm check' },
    { description: 'Only what is in the way', command: "<%= config.bin %> vm check vm1 vm2 --filter 'result!=ok'" },
  ]
  static override strict = false
  static override output = 'check[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'check'
  private isBroken = false

  protected async rows(flags: RowsFlags, argv: readonly string[]): Promise<readonly object[]> {
    const manager = await this.manager(flags)
    const checks: HealthCheck[] = await manager.check({ principal: this.principal(flags), kind: 'vm', names: [...argv] })
    this.isBroken = checks.some(({ result }) => result === 'error')
    return checks
  }

  /** By all that was found, shown or not. */
  protected override exitOf(): number {
    return this.isBroken ? 8 : 0
  }
}
