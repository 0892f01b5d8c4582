import { fieldsOf, listFieldNames, tableColumns, type RecordData } from '../contract/fields.js'
import type { Page } from '../contract/manager.js'
import type { ListRequest } from '../contract/requests.js'
import { follow, type Following } from './following.js'
import { Refusal } from './refusal.js'
import { checkFields, type Look } from './render.js'
import { RowLines } from './row-lines.js'
import { writeOut } from './streams.js'

/** What is followed: new events, or jobs whenever their state changes. `since`: what there is since then first; null: only what comes. */
export interface Followed { kind: 'event' | 'job'; narrowing: ListRequest['narrowing']; since: string | null; limit: number | null }

/** Refuses formats of which there is no end. @throws Refusal usage.argument */
export function checkFollowable(look: Look, flag: string): void {
  if (look.format !== 'json' && look.format !== 'yaml') return
  throw new Refusal('usage.argument', `${flag} cannot print ${look.format}: it is one document, and there is no end of it`, 'add -o jsonl: a record a line')
}

/**
 * Prints records a line each, as they come, until somebody ends it or so many were printed; the exit code. Nothing is lost and
 * nothing is told twice: it goes by the order in which the manager recorded them. @param ready is called once it listens
 */
export async function followRecords(following: Following, followed: Followed, look: Look, ready: (farm: string) => void): Promise<number> {
  checkFollowable(look, '--follow')
  checkFields(look.columns, Object.keys(fieldsOf(followed.kind)))
  const columns = look.columns ?? (look.format === 'table' || look.format === 'wide' ? tableColumns(followed.kind, look.format === 'wide') : listFieldNames(followed.kind))
  const lines = await RowLines.make(followed.kind, columns, look)
  const news = new News(following, followed, ['id', ...(followed.kind === 'job' ? ['state'] : []), ...columns])
  let left = followed.limit ?? Infinity
  let begun = false
  return follow(following, async notice => {
    const print = async (records: readonly RecordData[]) => {
      const shown = records.slice(0, left)
      left -= shown.length
      await writeOut(shown.map(record => lines.line(record)).join(''))
    }
    if (!begun) {
      begun = true
      await news.begin()
      await writeOut(lines.head)
      await news.earlier(print)
      ready(notice.farm)
    } else await news.next(print)
    return left > 0 ? 'more' : 'done'
  })
}

type Print = (records: readonly RecordData[]) => Promise<void>

/** What is new since it was last asked. */
class News {
  /** where to go on among the manager's records */
  private position: string | null = null
  /** states of jobs that may still change, as they were told last */
  private told = new Map<unknown, unknown>()
  private readonly columns: string[]

  constructor(private readonly following: Following, private readonly followed: Followed, columns: readonly string[]) {
    this.columns = [...new Set(columns)]
  }

  /** Takes up the place to go on from. @throws Refusal for what is wrong with the question, before anything is printed */
  async begin(): Promise<void> {
    const { since } = this.followed
    this.position = (await this.page({ after: null, ...(since === null ? {} : { since }), limit: 0, cursor: null })).position
    if (this.followed.kind === 'job') this.told = await this.changes(async () => {})
  }

  /** Prints what there is since the time asked for. */
  async earlier(print: Print): Promise<void> {
    const { since, kind } = this.followed
    if (since === null) return
    await this.pages({ ...(kind === 'event' ? { after: null } : {}), since }, async records => {
      if (kind === 'job') for (const { id, state } of records) this.told.set(id, state)
      await print(records)
    })
  }

  /** Prints what came, or changed, since the last time. */
  async next(print: Print): Promise<void> {
    if (this.followed.kind === 'event') await this.pages({ after: this.position }, print)
    else this.told = await this.changes(print)
  }

  /** Jobs whose state is another than was told; the states as they are now. What is out of sight has ended, and was told. */
  private async changes(print: Print): Promise<Map<unknown, unknown>> {
    const now = new Map<unknown, unknown>()
    const pages = await this.pages({ after: this.position }, async records => {
      for (const { id, state } of records) now.set(id, state)
      await print(records.filter(({ id, state }) => this.told.get(id) !== state))
    })
    // From one page to the next a job may have slipped: then none is forgotten.
    return pages > 1 ? new Map([...this.told, ...now]) : now
  }

  /** All pages of a list, in the order in which the records came; goes on from the last. How many there were. */
  private async pages(what: Pick<ListRequest, 'after' | 'since'>, each: Print): Promise<number> {
    let cursor: string | null = null
    let count = 0
    do {
      const page: Page = await this.page({ ...what, limit: null, cursor })
      if (page.position !== null) this.position = page.position
      if (page.count > 0) await each(JSON.parse(page.json) as RecordData[])
      cursor = page.cursor
      count++
    } while (cursor !== null)
    return count
  }

  private page(what: Pick<ListRequest, 'after' | 'since' | 'limit' | 'cursor'>): Promise<Page> {
    const { following: { manager, principal }, followed: { kind, narrowing } } = this
    return manager.list({ principal, kind, narrowing, columns: this.columns, sort: null, follows: true, ...what })
  }
}
