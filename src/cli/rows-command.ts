import { listFields, listWords, type ListKind } from '../contract/list-fields.js'
import { selectRows } from '../contract/select-rows.js'
import { BaseCommand, type CommonFlags } from './base-command.js'
import { limitFlag, narrowingFlags, sortFlag } from './selection-flags.js'
import { checkFields, renderRows } from './render.js'
import { writeOut } from './streams.js'

/** Parsed flags of a list that is no record of the manager. */
export type RowsFlags = CommonFlags & { filter?: string[]; sort?: string; limit?: number }

/** Lists of what is no record of the manager: filtered, sorted and cut here, by the same rules. */
export abstract class RowsCommand extends BaseCommand {
  static override readonly isList: boolean = true
  static readonly rowsFlags = { filter: narrowingFlags.filter, sort: sortFlag, limit: limitFlag }
  protected abstract readonly kind: ListKind

  /** Every row there is. */
  protected abstract rows(flags: RowsFlags, argv: readonly string[]): Promise<readonly object[]>

  async run(): Promise<number> {
    const { flags, argv } = await this.words<RowsFlags>()
    const look = this.look(flags)
    const fields = listFields[this.kind]
    checkFields(look.columns, Object.keys(fields))
    const rows = await selectRows(fields, await this.rows(flags, argv), { filters: flags.filter ?? [], sort: flags.sort ?? null, limit: flags.limit ?? null, what: listWords[this.kind] })
    const shown = Object.entries(fields).filter(([, { column }]) => column === 'short' || (column === 'wide' && look.format === 'wide')).map(([name]) => name)
    await writeOut(await renderRows(this.kind, rows.map(row => ({ ...row })), shown, look))
    return this.exitOf(rows)
  }

  /** The exit code; a list is 0 whatever is on it. */
  protected exitOf(_rows: readonly object[]): number {
    return 0
  }
}
