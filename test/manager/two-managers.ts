import { rmSync } from 'node:fs'
import { afterEach } from 'vitest'
import type { Report, RunHandle } from '../../src/contract/manager.js'
import type { RunRequest } from '../../src/contract/requests.js'
import { managerOver } from '../../src/embedded/open.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { repositoryTables } from '../../src/manager/schema.js'
import { allColumns, worldTables } from '../../src/sim/schema.js'
import type { Store } from '../../src/store/store.js'
import { madeFarm } from './made-farm.js'
import { requestOf } from './permitted-farm.js'

const ends: (() => Promise<void>)[] = []
afterEach(async () => { for (const end of ends.splice(0)) await end() })

type Rows = Record<string, unknown>[]

/** Two managers over one farm, as two commands at once are. The first can be made to die, or held up, before a commit. */
export class TwoManagers {
  private keys = 0
  /** what happens around the commit of the n-th of the next transactions of the first manager */
  private hook: { nth: number; when: 'before' | 'after'; what: () => Promise<void> } | null = null
  readonly first: EmbeddedManager
  readonly second: EmbeddedManager

  private constructor(readonly repository: Store, readonly world: Store) {
    const watched = new Proxy(repository, { get: (store, name) => (name === 'transact' ? this.transact : bound(store, name)) })
    this.first = managerOver('test', watched, world)
    this.second = managerOver('test', repository, world)
  }

  static async over(preset: string, options: { running?: boolean; ha?: boolean } = {}): Promise<TwoManagers> {
    const { stores: { repository, world }, folder } = await madeFarm(preset, options)
    ends.push(async () => { await repository.close(); await world.close(); rmSync(folder, { recursive: true, force: true }) })
    return new TwoManagers(repository, world)
  }

  private readonly transact: Store['transact'] = async (work, keep) => {
    const due = this.hook && --this.hook.nth === 0 ? this.hook : null
    if (due) this.hook = null
    if (due?.when === 'before') await due.what()
    const result = await this.repository.transact(work, keep)
    if (due?.when === 'after') await due.what()
    return result
  }

  /** Does something just before the n-th transaction from now of the first manager: 2 is what carries out a run that is one commit. */
  beforeCommit(nth: number, what: () => Promise<void>): void {
    this.hook = { nth, when: 'before', what }
  }

  /** Does something just after it. */
  afterCommit(nth: number, what: () => Promise<void>): void {
    this.hook = { nth, when: 'after', what }
  }

  /** The first manager does not come to its n-th transaction from now: what it had recorded stays. */
  dieBefore(nth: number): void {
    this.beforeCommit(nth, async () => { throw new Error('it died') })
  }

  request(operation: RunRequest['operation'], targets: readonly string[], options: Partial<RunRequest['options']> = {}, dryRun = false, user = 'admin'): RunRequest {
    const base = requestOf(user, operation, ...targets)
    return { ...base, selector: { ...base.selector, targets: [...targets] }, requestKey: `key-${this.keys++}`, options: { ...base.options, ...options }, policy: { ...base.policy, dryRun } }
  }

  async see(on: EmbeddedManager, begun: Promise<RunHandle>, principal: RunRequest['principal'] = { user: 'admin' }): Promise<Report> {
    let handle = await begun
    while (handle.state === 'running') handle = await on.followRun({ principal, run: handle.run, afterRevision: handle.revision })
    return on.runReport({ principal, run: handle.run })
  }

  run(on: EmbeddedManager, ...asked: Parameters<TwoManagers['request']>): Promise<Report> {
    const request = this.request(...asked)
    return this.see(on, on.startRun(request), request.principal)
  }

  retry(on: EmbeddedManager, run: string, user = 'admin'): Promise<Report> {
    return this.see(on, on.retryRun({ principal: { user }, requestKey: `key-${this.keys++}`, run, change: {}, timeoutMs: null, noWait: false, reason: null }), { user })
  }

  resume(on: EmbeddedManager, run: string): Promise<Report> {
    return this.see(on, on.resumeRun({ principal: { user: 'admin' }, run, change: {}, timeoutMs: null, noWait: false }))
  }

  undo(on: EmbeddedManager, run: string): Promise<Report> {
    const { policy } = this.request('vm.start', [])
    return this.see(on, on.undoRun({ principal: { user: 'admin' }, requestKey: `key-${this.keys++}`, run, policy, confirmed: true, reason: null }))
  }

  /** The newest run. */
  async newest(): Promise<{ id: string; state: string }> {
    return (await this.repository.read(reader => reader.select<{ id: string; state: string }>({ id: 'id', state: 'state' }, 'from run order by seq desc limit 1')))[0]!
  }

  /** All rows of both databases, by table. */
  async everything(): Promise<Record<string, Rows>> {
    const of = (store: Store, tables: typeof repositoryTables, prefix: string) => store.read(async reader => {
      const rows: [string, Rows][] = []
      for (const table of tables) rows.push([`${prefix} ${table.name}`, await reader.select(allColumns(table), `from ${table.name} order by ${table.key.join()}`)])
      return rows
    })
    return Object.fromEntries([...(await of(this.repository, repositoryTables, 'manager')), ...(await of(this.world, worldTables, 'world'))])
  }

  /** The tables of the manager in which a text is. */
  async tablesWith(text: string): Promise<string[]> {
    return Object.entries(await this.everything()).filter(([, rows]) => JSON.stringify(rows).includes(text)).map(([table]) => table)
  }
}

function bound(store: Store, name: string | symbol): unknown {
  const value = Reflect.get(store, name) as unknown
  return typeof value === 'function' ? (value.bind(store) as unknown) : value
}
