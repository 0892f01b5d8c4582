import { RowsCommand, type RowsFlags } from '../../src/cli/rows-command.js'
import type { HealthCheck } from '../../src/contract/farms.js'

export default class RepoCheck extends RowsCommand {
  static override summary = 'look into repositories'
  static override description = 'Holds repositories against what the servers of their pools say: who has them mounted, their room, their folders, the lock device of one on NFS, and whether record and files agree. All of them when none is named. Reads only. Exit 8 when something is an error, 0 otherwise.'
  static override usage = '<%= command.id %> [REPO...] [FLAGS]'
  static override examples = [
    { description: 'All', command: '<%= config.bin %> repo check' },
    { description: 'Only what is in the way', command: "<%= config.bin %> repo check pool1//dev/sdb1 --filter 'result!=ok'" },
  ]
  static override strict = false
  static override output = 'check[]' as const
  static override flags = RowsCommand.rowsFlags
  protected readonly kind = 'check'
  private isBroken = false

  protected async rows(flags: RowsFlags, argv: readonly string[]): Promise<readonly object[]> {
    const manager = await this.manager(flags)
    const checks: HealthCheck[] = await manager.check({ principal: this.principal(flags), kind: 'repo', names: [...argv] })
    this.isBroken = checks.some(({ result }) => result === 'error')
    return checks
  }

  /** By all that was found, shown or not. */
  protected override exitOf(): number {
    return this.isBroken ? 8 : 0
  }
}
