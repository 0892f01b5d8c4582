import * as Flags from '@oclif/core/flags'
import { fieldsOf, kindWords, listFieldNames, tableColumns, type RecordData, type RecordKind } from '../contract/fields.js'
import { Refusal } from '../model/errors.js'
import { BaseCommand, type CommonFlags } from './base-command.js'
import { renderObject, renderRows } from './render.js'
import { narrowingFlags, narrowingOf } from './selection-flags.js'
import { isOutputClosed, writeOut } from './streams.js'

/** The narrowing flags that a kind has fields for. */
export function listFlags(kind: RecordKind) {
  const fields = fieldsOf(kind)
  return {
    ...(fields['pool'] ? { pool: narrowingFlags.pool } : {}),
    ...(fields['server'] ? { server: narrowingFlags.server } : {}),
    ...(fields['state'] ? { state: narrowingFlags.state } : {}),
    ...(fields['tags'] ? { tag: narrowingFlags.tag } : {}),
    filter: narrowingFlags.filter,
    sort: Flags.string({ description: 'order: field, or field:desc; several apart by commas' }),
    limit: Flags.integer({ min: 0, description: 'at most this many' }),
  }
}

/** `TOPIC list`: filtered, sorted and cut by the manager; JSON passes through unread. */
export abstract class ListCommand extends BaseCommand {
  static override strict = true
  protected abstract readonly kind: RecordKind

  async run(): Promise<number> {
    const { flags } = await this.words<CommonFlags & Parameters<typeof narrowingOf>[0] & { sort?: string; limit?: number }>()
    const look = this.look(flags)
    const isTable = look.format === 'table' || look.format === 'wide'
    const shown = tableColumns(this.kind, look.format === 'wide')
    const columns = look.columns ?? (isTable ? shown : look.format === 'name' ? [fieldsOf(this.kind)['name'] ? 'name' : 'id'] : null)
    const manager = await this.manager(flags)
    const rows: RecordData[] = []
    let cursor: string | null = null
    let left = flags.limit ?? null
    let first = true
    do {
      const page = await manager.list({ principal: this.principal(flags), kind: this.kind, narrowing: narrowingOf(flags), columns, sort: flags.sort ?? null, limit: left, cursor })
      cursor = page.cursor
      left = left === null ? null : left - page.count
      // A raw line break stands only between two records: inside of texts JSON escapes it.
      if (look.format === 'jsonl') await writeOut(page.count > 0 ? `${page.json.slice(1, -1).replaceAll(',\n', '\n')}\n` : '')
      else if (look.format !== 'json') for (const row of JSON.parse(page.json) as RecordData[]) rows.push(row)
      else if (page.count > 0) {
        await writeOut(`${first ? '[\n' : ',\n'}${page.json.slice(1, -1)}`)
        first = false
      }
    } while (cursor !== null && left !== 0 && !isOutputClosed())
    if (look.format === 'json') await writeOut(first ? '[]\n' : '\n]\n')
    else if (look.format !== 'jsonl') await writeOut(await renderRows(this.kind, rows, columns ?? listFieldNames(this.kind), { ...look, columns: isTable || look.format === 'csv' ? (columns ?? listFieldNames(this.kind)) : look.columns }))
    return 0
  }
}

/** `TOPIC show NAME...`: one name is an object, several an array. */
export abstract class ShowCommand extends BaseCommand {
  static override strict = false
  protected abstract readonly kind: RecordKind

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    if (argv.length === 0) throw new Refusal('usage.argument', `name the ${kindWords[this.kind]} to show`, `${this.kind} list shows what there is`)
    const look = this.look(flags)
    const manager = await this.manager(flags)
    const records = await manager.show({ principal: this.principal(flags), kind: this.kind, names: argv, columns: look.columns })
    const [only] = records
    if (records.length === 1) await writeOut(await renderObject(this.kind, only!, look))
    else if (look.format === 'json') await writeOut(`${JSON.stringify(records, null, 2)}\n`)
    else if (look.format === 'table' || look.format === 'wide') await writeOut((await Promise.all(records.map(record => renderObject(this.kind, record, look)))).join('\n'))
    else await writeOut(await renderRows(this.kind, records, Object.keys(only!), look))
    return 0
  }
}
