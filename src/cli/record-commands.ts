import { fieldsOf, kindWords, listFieldNames, tableColumns, type RecordData, type RecordKind } from '../contract/fields.js'
import type { Manager, Page } from '../contract/manager.js'
import type { ListRequest } from '../contract/requests.js'
import type { OutputName } from '../contract/shapes/outputs.js'
import { Refusal } from '../model/errors.js'
import { BaseCommand, type CommonFlags } from './base-command.js'
import { answer, renderObject, renderRows } from './render.js'
import { limitFlag, narrowingFlags, narrowingOf, sortFlag } from './selection-flags.js'
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
    sort: sortFlag, limit: limitFlag,
  }
}

/** `TOPIC list`: filtered, sorted and cut by the manager; JSON passes through unread. */
export abstract class ListCommand extends BaseCommand {
  static override strict = true
  static override readonly isList: boolean = true
  static override output: OutputName = 'list'
  protected abstract readonly kind: RecordKind

  async run(): Promise<number> {
    const { flags } = await this.words<CommonFlags & Parameters<typeof narrowingOf>[0] & { sort?: string; limit?: number }>()
    const look = this.look(flags)
    const isTable = look.format === 'table' || look.format === 'wide'
    const shown = tableColumns(this.kind, look.format === 'wide')
    const columns = look.columns ?? (isTable ? shown : look.format === 'name' ? [fieldsOf(this.kind)['name'] ? 'name' : 'id'] : null)
    const manager = await this.manager(flags)
    const pages = this.pages(manager, { principal: this.principal(flags), kind: this.kind, narrowing: narrowingOf(flags), columns, sort: flags.sort ?? null }, flags.limit ?? null)
    if (look.format === 'json' && !look.query) await passOn(pages)
    else if (look.format === 'jsonl') for await (const page of pages) await writeOut(`${recordsOf(page).replaceAll(',\n', '\n')}\n`)
    else {
      const rows: RecordData[] = []
      for await (const page of pages) for (const row of JSON.parse(page) as RecordData[]) rows.push(row)
      const all = columns ?? listFieldNames(this.kind)
      await writeOut(await renderRows(this.kind, rows, all, { ...look, columns: isTable || look.format === 'csv' ? all : look.columns }))
    }
    return 0
  }

  /** The pages of the list that hold something, as JSON text; no more of them than somebody reads. */
  private async *pages(manager: Manager, request: Omit<ListRequest, 'limit' | 'cursor'>, limit: number | null): AsyncGenerator<string> {
    let left = limit
    let cursor: string | null = null
    do {
      const page: Page = await manager.list({ ...request, limit: left, cursor })
      cursor = page.cursor
      if (left !== null) left -= page.count
      if (page.count > 0) yield page.json
    } while (cursor !== null && left !== 0 && !isOutputClosed())
  }
}

/** Prints pages of JSON as one array, unread. */
async function passOn(pages: AsyncIterable<string>): Promise<void> {
  let first = true
  for await (const page of pages) {
    await writeOut(`${first ? '[\n' : ',\n'}${recordsOf(page)}`)
    first = false
  }
  await writeOut(first ? '[]\n' : '\n]\n')
}

/** The records of a page without the brackets. A raw line break stands only between two records: inside of texts JSON escapes it. */
function recordsOf(page: string): string {
  return page.slice(1, -1)
}

/** `TOPIC show NAME...`: one name is an object, several an array. */
export abstract class ShowCommand extends BaseCommand {
  static override strict = false
  static override output: OutputName = 'show'
  protected abstract readonly kind: RecordKind

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    if (argv.length === 0) throw new Refusal('usage.argument', `name the ${kindWords[this.kind]} to show`, `${this.kind} list shows what there is`)
    const look = this.look(flags)
    const manager = await this.manager(flags)
    const records = await manager.show({ principal: this.principal(flags), kind: this.kind, names: argv, columns: look.columns })
    const [only] = records
    if (records.length === 1) await writeOut(await renderObject(this.kind, only!, look))
    else if (look.format === 'json') await writeOut(await answer(records, look))
    else if (look.format === 'table' || look.format === 'wide') await writeOut((await Promise.all(records.map(record => renderObject(this.kind, record, look)))).join('\n'))
    else await writeOut(await renderRows(this.kind, records, Object.keys(only!), look))
    return 0
  }
}
