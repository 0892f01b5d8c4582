import { randomUUID } from 'node:crypto'
import type { Manager } from '../../contract/manager.js'
import type { RecordData, RecordKind } from '../../contract/fields.js'
import { noNarrowing, type OperationOptions, type Principal } from '../../contract/requests.js'
import { Refusal } from '../../model/errors.js'
import type { RunOperation } from '../../model/operations.js'

/** How long a call waits for what it began, in milliseconds of real time. */
const mostWaitMs = 20_000

/** What the services of 2.2 ask of the Manager port, in the name of who called. */
export class Farm {
  constructor(private readonly manager: Manager, private readonly principal: Principal) {}

  /** All records of a kind, of a pool where one is named. */
  async rows(kind: RecordKind, pool: string | null = null): Promise<RecordData[]> {
    const rows: RecordData[] = []
    let cursor: string | null = null
    do {
      const page = await this.manager.list({ principal: this.principal, kind, narrowing: { ...noNarrowing, pools: pool === null ? [] : [pool] }, columns: null, sort: null, limit: null, cursor })
      rows.push(...(JSON.parse(page.json) as RecordData[]))
      cursor = page.cursor
    } while (cursor !== null)
    return rows
  }

  /** One record, whole, by id, name or pool/name. @throws Refusal not-found.*, usage.ambiguous */
  async one(kind: RecordKind, name: string): Promise<RecordData> {
    const [record] = await this.manager.show({ principal: this.principal, kind, names: [name], columns: null })
    return record!
  }

  /**
   * Does something to one object, or makes one, and waits for it a while. What is done twice is done once: the second time it is
   * so already. @throws Refusal whatever the manager refuses it with, or its one target failed with
   */
  async act(operation: RunOperation, targets: readonly string[], options: Partial<OperationOptions> = {}): Promise<{ run: string; done: boolean }> {
    const { manager, principal } = this
    const handle = await manager.startRun({
      principal, requestKey: randomUUID(), operation, reason: null,
      selector: { targets: targets.map(id => ({ id })), listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
      options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null, ...options },
      // Who calls a method of an API has said what he wants.
      guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
      policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null },
    })
    const endsAt = performance.now() + mostWaitMs
    let { state, revision } = handle
    while (state === 'running' && performance.now() < endsAt) ({ state, revision } = await manager.followRun({ principal, run: handle.run, afterRevision: revision }))
    const report = await manager.runReport({ principal, run: handle.run })
    const error = report.items.find(item => item.error)?.error
    if (error) throw Refusal.from(error)
    return { run: handle.run, done: report.done + report.unchanged === report.total }
  }

  /** The id of a record by id, name or pool/name. */
  async idOf(kind: RecordKind, name: string): Promise<string> {
    const record = await this.one(kind, name)
    return String(record['id'] ?? record['name'])
  }
}
