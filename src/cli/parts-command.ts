import { Refusal } from '../model/errors.js'
import { RowsCommand, type RowsFlags } from './rows-command.js'

/** Lists of what one guest has: `vm nic list VM`. */
export abstract class PartsCommand extends RowsCommand {
  static override strict = false
  /** the field of a guest that holds them */
  protected abstract readonly field: 'nics' | 'disks'

  /** what stands where one of them has nothing */
  protected readonly otherwise: object = {}

  protected async rows(flags: RowsFlags, argv: readonly string[]): Promise<readonly object[]> {
    const [name, ...more] = argv
    if (name === undefined || more.length > 0) throw new Refusal('usage.argument', name === undefined ? 'no guest is named' : `${more.slice(0, 3).join(', ')} is too much`, 'name one guest')
    const manager = await this.manager(flags)
    const [guest] = await manager.show({ principal: this.principal(flags), kind: 'vm', names: [name], columns: [this.field] })
    return (guest![this.field] as object[]).map(part => ({ ...this.otherwise, ...part }))
  }
}
