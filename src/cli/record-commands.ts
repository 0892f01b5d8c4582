import * as Flags from '@oclif/core/flags'
import { fieldsOf, kindWords, listFieldNames, tableColumns, type RecordData, type RecordKind } from '../contract/fields.js'
import type { Manager, Page } from '../contract/manager.js'
import type { OutputName } from '../contract/shapes/outputs.js'
import { Refusal } from '../model/errors.js'
import { BaseCommand, type CommonFlags } from './base-command.js'
import { answer, renderObject, renderRows, type Look } from './render.js'
import { limitFlag, narrowingFlags, narrowingOf, sortFlag, timeFlags } from './selection-flags.js'
import { isOutputClosed, writeOut } from './streams.js'
import { watchFlag } from './watch-flag.js'

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
    ...(timedKinds.includes(kind) ? { since: timeFlags.since, until: timeFlags.until } : {}),
    watch: watchFlag(),
    ...(isFollowed(kind) ? { follow: Flags.boolean({ exclusive: ['watch', 'until'], description: `then go on: a line for ${kind === 'job' ? 'every job whose state changes' : 'every new event'}; without --since nothing older is printed` }) } : {}),
  }
}

const timedKinds: readonly RecordKind[] = ['event', 'job', 'run']

function isFollowed(kind: RecordKind): kind is 'event' | 'job' {
  return kind === 'event' || kind === 'job'
}

type ListFlags = CommonFlags & Parameters<typeof narrowingOf>[0] & { sort?: string; limit?: number; since?: string; until?: string; watch?: boolean; follow?: boolean }

/** `TOPIC list`: filtered, sorted and cut by the manager; JSON passes through unread. */
export abstract class ListCommand extends BaseCommand {
  static override strict = true
  static override readonly isList: boolean = true
  static override output: OutputName = 'list'
  protected abstract readonly kind: RecordKind

  async run(): Promise<number> {
    const { flags } = await this.words<ListFlags>()
    const look = this.look(flags)
    if (flags.follow && isFollowed(this.kind)) return this.goOn(flags, this.kind, look)
    if (flags.watch) return this.watch(flags, look)
    return this.print(flags, look)
  }

  private async print(flags: ListFlags, look: Look): Promise<0> {
    const manager = await this.manager(flags)
    if (look.format === 'json' && !look.query) await passOn(this.pages(manager, flags, look))
    else if (look.format === 'jsonl') for await (const page of this.pages(manager, flags, look)) await writeOut(`${recordsOf(page).replaceAll(',\n', '\n')}\n`)
    else await writeOut(await this.rendered(manager, flags, look))
    return 0
  }

  /** `--watch`: the list again whenever it may have changed; as JSON lines only what has. */
  private async watch(flags: ListFlags, look: Look): Promise<number> {
    const [{ watch }, { entriesOf, fieldsToCompare, ListChanges }] = await Promise.all([import('./watch.js'), import('./list-changes.js')])
    const manager = await this.manager(flags)
    const changes = new ListChanges(look.columns)
    return watch({ manager, principal: this.principal(flags), timeoutMs: this.timeoutMs(flags) }, look, this.typed(`${this.kind} list`), now =>
      now.format === 'jsonl' ? changes.next(entriesOf(this.pages(manager, flags, { ...now, columns: fieldsToCompare(now.columns) }, true))) : this.rendered(manager, flags, now, true))
  }

  /** `--follow`: what comes, a line each. */
  private async goOn(flags: ListFlags, kind: 'event' | 'job', look: Look): Promise<number> {
    if (flags.sort !== undefined && !this.isDefault('sort')) throw new Refusal('usage.argument', '--follow goes by the order in which things come, so --sort has no say', 'leave --sort out')
    const { followRecords } = await import('./follow-records.js')
    const limit = this.isDefault('limit') ? null : (flags.limit ?? null)
    return followRecords({ manager: await this.manager(flags), principal: this.principal(flags), timeoutMs: this.timeoutMs(flags) }, { kind, narrowing: narrowingOf(flags), since: flags.since ?? null, limit }, look, farm => this.tell(flags, `farm ${farm}: following ${kind}s, Ctrl-C ends it`))
  }

  /** The list as text, in formats that are one document. */
  private async rendered(manager: Manager, flags: ListFlags, look: Look, follows = false): Promise<string> {
    const rows: RecordData[] = []
    for await (const page of this.pages(manager, flags, look, follows)) for (const row of JSON.parse(page) as RecordData[]) rows.push(row)
    const all = this.columns(look) ?? listFieldNames(this.kind)
    return renderRows(this.kind, rows, all, { ...look, columns: look.format === 'table' || look.format === 'wide' || look.format === 'csv' ? all : look.columns })
  }

  /** The fields to ask for; null: all that a list carries. */
  private columns({ columns, format }: Look): string[] | null {
    if (columns) return columns
    if (format === 'name') return [fieldsOf(this.kind)['name'] ? 'name' : 'id']
    return format === 'table' || format === 'wide' ? tableColumns(this.kind, format === 'wide') : null
  }

  /** The pages of the list that hold something, as JSON text; no more of them than somebody reads. */
  private async *pages(manager: Manager, flags: ListFlags, look: Look, follows = false): AsyncGenerator<string> {
    const request = {
      principal: this.principal(flags), kind: this.kind, narrowing: narrowingOf(flags), columns: this.columns(look), sort: flags.sort ?? null, ...(flags.since === undefined ? {} : { since: flags.since }),
      ...(flags.until === undefined ? {} : { until: flags.until }), ...(follows ? { follows } : {}),
    }
    let left = flags.limit ?? null
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
