import { rmSync } from 'node:fs'
import { afterEach } from 'vitest'
import { noNarrowing, type RunRequest } from '../../src/contract/requests.js'
import type { Report } from '../../src/contract/manager.js'
import type { FarmStores } from '../../src/embedded/faults.js'
import { managerOver } from '../../src/embedded/open.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { madeFarm } from './made-farm.js'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => { for (const cleanUp of cleanUps.splice(0)) await cleanUp() })

/** A manager over a farm whose record and world a test may change behind everybody's back. */
export class StorageFarm {
  private requests = 0

  private constructor(readonly manager: EmbeddedManager, readonly stores: FarmStores) {}

  static async make(preset: string, options: { running?: boolean; ha?: boolean } = {}): Promise<StorageFarm> {
    const { stores, folder } = await madeFarm(preset, options)
    const manager = managerOver('test', stores.repository, stores.world)
    cleanUps.push(async () => { await manager.close(); rmSync(folder, { recursive: true, force: true }) })
    return new StorageFarm(manager, stores)
  }

  /** The report of a run, seen through. */
  async run(operation: RunRequest['operation'], targets: readonly string[], options: Partial<RunRequest['options']> = {}, user = 'admin'): Promise<Report> {
    const principal = { user }
    let handle = await this.manager.startRun({
      principal, requestKey: `request ${this.requests++}`, operation, reason: null,
      selector: { targets: [...targets], listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
      options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null, ...options },
      guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
      policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null },
    })
    while (handle.state === 'running') handle = await this.manager.followRun({ principal, run: handle.run, afterRevision: handle.revision })
    return this.manager.runReport({ principal, run: handle.run })
  }

  /** A pool is extended by a device, or an export. */
  addRepo(pool: string, device: string, sizeMiB: number | null = null): Promise<Report> {
    return this.run('repo.add', [], { details: { pool, device: device.startsWith('/') ? device : null, nfs: device.startsWith('/') ? null : device, qos: null, sizeMiB } })
  }

  async list<T>(kind: 'repo' | 'disk' | 'vm', user = 'admin'): Promise<T[]> {
    const page = await this.manager.list({ principal: { user }, kind, narrowing: noNarrowing, columns: null, sort: null, limit: null, cursor: null })
    return JSON.parse(page.json) as T[]
  }

  checks(...names: string[]) {
    return this.manager.check({ principal: { user: 'admin' }, kind: 'repo', names })
  }

  /** Changes rows of a database by hand. */
  async change(store: 'repository' | 'world', ...statements: string[]): Promise<void> {
    await this.stores[store].transact(async tx => { for (const statement of statements) await tx.run(statement) })
  }
}
