import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { noNarrowing, type ListRequest, type Policy, type RunRequest } from '../../src/contract/requests.js'
import { addFaultTo } from '../../src/embedded/faults.js'
import { makeFarm } from '../../src/embedded/make-farm.js'
import { managerOver, openStores, type Identity } from '../../src/embedded/open.js'
import type { EmbeddedManager } from '../../src/manager/manager.js'
import { planOf } from '../../src/sim/presets.js'

type Data = Record<string, unknown>
const cleanUps: (() => Promise<void> | void)[] = []
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp() })

const policy: Policy = { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null }

/** A figure-8 farm of which several managers can be played in this process, and a folder of things to be imported. */
export class ImportFarm {
  private keys = 0
  manager: EmbeddedManager

  private constructor(readonly folder: string, private readonly stores: ReturnType<typeof openStores>) {
    this.manager = this.another()
  }

  static async make(preset = 'figure-8'): Promise<ImportFarm> {
    const folder = mkdtempSync(join(tmpdir(), 'ovmcli-imports-'))
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
    const stores = openStores(folder, true)
    cleanUps.push(async () => { await stores.repository.close(); await stores.world.close() })
    await makeFarm(stores.repository, stores.world, planOf(preset, { pools: null, servers: null, guests: null }), { name: 'test', seed: 1, running: false, ha: false })
    return new ImportFarm(folder, stores)
  }

  /** Another manager over the same farm, as another process would have it. */
  another(identity: Identity = {}): EmbeddedManager {
    return managerOver('test', this.stores.repository, this.stores.world, { fetchFolder: join(this.folder, 'fetched'), ...identity })
  }

  /** A request for a run; `details` are those of the operation, `targets` what is selected. */
  request(operation: RunRequest['operation'], { user = 'admin', targets = [] as string[], details = undefined as unknown, ...changes }: { user?: string; targets?: string[]; details?: unknown } & Partial<Policy> = {}): RunRequest {
    return {
      principal: { user }, requestKey: `key-${this.keys++}`, operation, reason: null, selector: { targets, listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
      options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null, ...(details === undefined ? {} : { details }) },
      guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true }, policy: { ...policy, ...changes },
    }
  }

  /** What an import asks for. */
  importing(name: string, source: { url: string } | { path: string }, more: Data = {}): Data {
    return { name, pool: 'pool1', source, proxy: null, checksum: null, type: null, os: null, ...more }
  }

  /** Lets a fault befall the farm now. */
  async fault(kind: string, subject: string): Promise<void> {
    await addFaultTo(this.stores, { farm: null, kind, subject, at: null, afterMs: null, forMs: null, probability: null, count: null })
  }

  /** Sees a run through. */
  async run(request: RunRequest, manager = this.manager): Promise<Report> {
    return this.follow(await manager.startRun(request), request.principal, manager)
  }

  async follow(handle: { run: string; state: string; revision: number }, principal = { user: 'admin' }, manager = this.manager): Promise<Report> {
    let { state, revision } = handle
    while (state === 'running') ({ state, revision } = await manager.followRun({ principal, run: handle.run, afterRevision: revision }))
    return manager.runReport({ principal, run: handle.run })
  }

  async list(kind: ListRequest['kind'], ...filters: string[]): Promise<Data[]> {
    return JSON.parse((await this.manager.list({ principal: { user: 'admin' }, kind, narrowing: { ...noNarrowing, filters }, columns: null, sort: null, limit: null, cursor: null })).json) as Data[]
  }

  async show(kind: ListRequest['kind'], name: string): Promise<Data> {
    return (await this.manager.show({ principal: { user: 'admin' }, kind, names: [name], columns: null }))[0]!
  }

  async freeMiB(): Promise<number> {
    return (await this.list('repo', 'pool=pool1'))[0]!['freeMiB'] as number
  }

  /** MiB that files take in the world's repositories, and names of those that are not whole. */
  async worldFiles(): Promise<{ id: string; sizeMiB: number; whole: number }[]> {
    return this.stores.world.read(reader => reader.select({ id: 'id', sizeMiB: 'size_mib', whole: 'whole' }, 'from file order by id'))
  }

  /** Every text that the manager keeps, but where it keeps secrets apart. */
  async kept(): Promise<string> {
    const rows = await this.stores.repository.read(async reader => Promise.all(['item', 'event', 'run', 'resource', 'vm', 'vm_detail'].map(table => reader.select<{ row: string }>({ row: `json_array(${table === 'item' ? 'spec, error, undo, change, name' : table === 'event' ? 'message, change, subject' : table === 'run' ? 'options, policy, reason' : table === 'vm_detail' ? 'details' : table === 'resource' ? 'details, name' : 'name'})` }, `from ${table}`))))
    return rows.flat().map(row => row.row).join('\n')
  }

  /** What lies in the folder for bytes that are being fetched, or were cut. */
  left(): string[] {
    const folder = join(this.folder, 'fetched')
    return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort() : []
  }

  /** A file or folder to be imported: a folder has files by name. */
  put(name: string, content: string | Buffer | Record<string, string | Buffer>): string {
    const path = join(this.folder, name)
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(path, content)
    else {
      mkdirSync(path)
      for (const [file, text] of Object.entries(content)) writeFileSync(join(path, file), text)
    }
    return path
  }
}
