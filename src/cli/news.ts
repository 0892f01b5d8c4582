import type { RecordData } from '../contract/fields.js'
import type { Manager, Page } from '../contract/manager.js'
import type { ListRequest, Principal } from '../contract/requests.js'

/** What is followed: new events, or jobs whenever their state changes. `since`: what there is since then first; null: only what comes. */
export interface Followed { kind: 'event' | 'job'; narrowing: ListRequest['narrowing']; since: string | null; limit: number | null }

/** Prints records that are news. */
type Print = (records: readonly RecordData[]) => Promise<void>

/** What is new since it was last asked: every event once; a job once for every state that it is seen in, the last one always. */
export class News {
  /** where to go on among the manager's records */
  private position: string | null = null
  /** states of jobs that may still change, as they were told last */
  private told = new Map<unknown, unknown>()
  private readonly columns: string[]

  constructor(private readonly manager: Manager, private readonly principal: Principal, private readonly followed: Followed, columns: readonly string[]) {
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
    const { manager, principal, followed: { kind, narrowing } } = this
    return manager.list({ principal, kind, narrowing, columns: this.columns, sort: null, follows: true, ...what })
  }
}
