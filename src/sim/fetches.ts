import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FetchOrder } from '../host/ports.js'
import { Refusal, type Fault } from '../model/errors.js'
import type { ImportedFiles } from '../model/imported.js'
import type { Changes, Store } from '../store/store.js'
import { shareAnew } from './aftermath.js'
import { bytesPerMiB } from './bandwidth.js'
import { breakHalfWay, filesBroken } from './copy-failure.js'
import { loadActiveFaults } from './faults.js'
import { metaNumber } from './meta.js'
import { diskResource, physics } from './physics.js'
import { activityTable, allColumns, faultTable, fetchTable, fileTable, rowOf, sessionTable, type ActivityRow, type FetchRow, type RepositoryRow, type SessionRow } from './schema.js'

/** A fetch that goes on in this process. */
interface Transfer { hostId: string; objectId: string; stop: AbortController; over: Promise<void> }

/** Why a transfer stops here: its process leaves and somebody else may go on, or nobody wants it any more. */
const [leaving, unwanted] = [new Error('the fetch is let go'), new Error('nobody wants what is fetched')]

/** How often is told how far a fetch is: every twentieth part, or so many bytes where nobody knows how many there are. */
const [tellings, bytesUntold] = [20, 64 * bytesPerMiB]

/** How long one who waits for the fetches of others sleeps at most, in milliseconds of real time. */
const lookMs = 200

/**
 * Fetches of a simulated world: the bytes are real. They come in the process of a command that waits on the farm's clock, which
 * stands meanwhile; then they flow in farm time, as long as so many bytes take there. What a process leaves in the middle the next
 * one goes on with, from where the source allows it. The repository holds sizes only: what came is looked at, and dropped.
 */
export class Fetches {
  private readonly transfers = new Map<string, Transfer>()
  private readonly news = new Set<string>()
  private wake: () => void = () => {}
  private temporary: string | null = null
  private defect: unknown = null

  constructor(private readonly store: Store, private readonly folder: string | null) {}

  /**
   * Sees to what is to be fetched: what nobody living does goes on here. Comes back when something of it got on or ended, something
   * changed in the world, or the signal aborts; the servers that have something to tell of it.
   */
  async attend(session: string, isAlive: (row: SessionRow) => boolean, changes: Changes, signal?: AbortSignal): Promise<string[]> {
    const own = await this.claim(session, isAlive)
    for (const row of own) if (!this.transfers.has(row.job)) this.begin(row)
    const there = new Set(own.map(row => row.job))
    for (const [job, { stop }] of this.transfers) if (!there.has(job)) stop.abort(unwanted)
    if (this.news.size === 0) {
      const woken = new Promise<void>(resolve => { this.wake = resolve })
      const asleep = new AbortController()
      await Promise.race([woken, changes.next(lookMs, signal ? AbortSignal.any([signal, asleep.signal]) : asleep.signal)])
      asleep.abort()
    }
    if (this.defect !== null) throw this.defect
    const told = [...this.news]
    this.news.clear()
    return told
  }

  /** Lets go of everything that is under way here: whoever waits next goes on with it. */
  async release(): Promise<void> {
    if (this.transfers.size > 0) {
      const jobs = [...this.transfers.keys()]
      for (const { stop } of this.transfers.values()) stop.abort(leaving)
      await Promise.all([...this.transfers.values()].map(one => one.over))
      await this.store.transact(tx => tx.run('update fetch set session = null where job in (select value from json_each(?))', [JSON.stringify(jobs)]))
    }
    if (this.temporary !== null) rmSync(this.temporary, { recursive: true, force: true })
    this.temporary = null
  }

  /** Drops what has come so far of an object that nobody wants any more. */
  async drop(objectId: string): Promise<void> {
    const going = [...this.transfers.values()].filter(one => one.objectId === objectId)
    for (const { stop } of going) stop.abort(unwanted)
    await Promise.all(going.map(one => one.over))
    await rm(join(this.where(), objectId), { recursive: true, force: true })
  }

  /** The fetches that are this session's, with those that nobody living does. */
  private async claim(session: string, isAlive: (row: SessionRow) => boolean): Promise<FetchRow[]> {
    const { rows, living } = await this.store.read(async reader => {
      const open = await reader.select<FetchRow>(allColumns(fetchTable), 'from fetch order by job')
      const sessions = await reader.select<SessionRow>(allColumns(sessionTable), 'from session where id in (select session from fetch)')
      return { rows: open, living: new Set(sessions.filter(isAlive).map(row => row.id)) }
    })
    const orphans = rows.filter(row => row.session !== session && (row.session === null || !living.has(row.session)))
    const own = rows.filter(row => row.session === session)
    if (orphans.length === 0) return own
    return this.store.transact(async tx => {
      // Another one may have been faster.
      for (const { job, session: before } of orphans) await tx.run('update fetch set session = ? where job = ? and session is ?', [session, job, before])
      return tx.select<FetchRow>(allColumns(fetchTable), 'from fetch where session = ? order by job', [session])
    })
  }

  private begin(row: FetchRow): void {
    const stop = new AbortController()
    const over = this.bring(row, stop.signal).catch((error: unknown) => this.end(row, error, stop.signal)).catch((error: unknown) => { this.defect = error }).finally(() => {
      this.transfers.delete(row.job)
      this.tell(row.host_id)
    })
    this.transfers.set(row.job, { hostId: row.host_id, objectId: row.object_id, stop, over })
  }

  private tell(hostId: string): void {
    this.news.add(hostId)
    this.wake()
  }

  private async bring(row: FetchRow, signal: AbortSignal): Promise<void> {
    const order = JSON.parse(row.source) as FetchOrder
    const [{ fetchTo, shownSource, sizeOf }, { lookAt }] = await Promise.all([import('../host/fetch/fetch-to.js'), import('../host/imported/look-at.js')])
    const way = { proxy: order.proxy, signal }
    const announced = await sizeOf(order.source, way)
    const freeMiB = announced === null ? await this.freeFor(row) : await this.reserve(row, announced)
    const folder = join(this.where(), row.object_id)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const target = join(folder, 'came')
    const mostBytes = freeMiB * bytesPerMiB
    let toldBytes = 0
    // Of how far it is nobody has to hear in order: the last word is written when it has ended.
    const telling: Promise<void>[] = []
    const { bytes } = await fetchTo(order.source, target, {
      ...way, checksum: order.checksum, mostBytes, onProgress: ({ doneBytes, totalBytes }) => {
        const stepBytes = totalBytes === null ? bytesUntold : totalBytes / tellings
        if (doneBytes < toldBytes + stepBytes) return
        toldBytes = doneBytes
        telling.push(this.note(row, doneBytes, totalBytes).catch((error: unknown) => { this.defect = error }))
      },
    }).finally(() => Promise.all(telling))
    const came = await lookAt(target, { shown: shownSource(order.source), kind: order.kind, type: order.type, os: order.os, mostBytes, signal }).finally(() => rm(folder, { recursive: true, force: true }))
    await this.flow(row, 'url' in order.source, bytes, came)
  }

  /** MiB that are free for files that come, beside what they hold already. */
  private freeFor(row: FetchRow): Promise<number> {
    return this.store.read(async reader => {
      const [repo] = await reader.select<{ free: number }>({ free: 'r.size_mib - (select coalesce(sum(f.size_mib), 0) from file f where f.repo_id = r.id and f.id <> ?1)' }, 'from repository r where r.id = ?2', [row.object_id, row.repo_id])
      return repo?.free ?? 0
    })
  }

  /** Takes the room that files will need, before they come; what is free for them. @throws Refusal capacity.space */
  private async reserve(row: FetchRow, bytes: number): Promise<number> {
    const sizeMiB = Math.ceil(bytes / bytesPerMiB)
    const free = await this.freeFor(row)
    if (sizeMiB > free) throw new Refusal('capacity.space', `the repository has ${free} MiB free, ${sizeMiB} are needed for ${row.name}`, 'repo list shows what there is; repo add extends it')
    await this.store.transact(async tx => {
      await tx.run('update file set size_mib = ? where id = ? and exists (select 1 from fetch where job = ?)', [sizeMiB, row.object_id, row.job])
      await tx.run('update fetch set total_bytes = ? where job = ?', [bytes, row.job])
    })
    return free
  }

  private async note(row: FetchRow, doneBytes: number, totalBytes: number | null): Promise<void> {
    await this.store.transact(async tx => {
      await tx.run('update fetch set done_bytes = ?, total_bytes = ? where job = ?', [doneBytes, totalBytes, row.job])
      // It holds the room that it takes, where nobody knew beforehand how much that would be.
      if (totalBytes === null) await tx.run('update file set size_mib = ? where id = ? and exists (select 1 from fetch where job = ?)', [Math.ceil(doneBytes / bytesPerMiB), row.object_id, row.job])
    })
    this.tell(row.host_id)
  }

  /** All has come: it flows in farm time, over the network and onto the disk, or from the server's own disk. */
  private async flow(row: FetchRow, fromOutside: boolean, bytes: number, came: ImportedFiles): Promise<void> {
    const free = await this.freeFor(row)
    if (came.sizeMiB > free) throw new Refusal('capacity.space', `the repository has ${free} MiB free, ${came.sizeMiB} are needed for ${row.name}`, 'repo list shows what there is; repo add extends it')
    await this.store.transact(async tx => {
      const [activity] = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where job = ? and exists (select 1 from fetch f where f.job = activity.job)', [row.job])
      // Somebody cancelled it a moment ago.
      if (!activity) return
      const nowMs = await metaNumber(tx, 'now')
      const faults = await loadActiveFaults(tx)
      const [repo] = await tx.select<Pick<RepositoryRow, 'qos'>>({ qos: 'qos' }, 'from repository where id = ?', [row.repo_id])
      Object.assign(activity, { resource1: diskResource(row.repo_id, repo?.qos ?? null), resource2: fromOutside ? `net:${row.host_id}` : null, remaining: bytes, rate: null, since: nowMs, tail_ms: physics.fileMs } satisfies Partial<ActivityRow>)
      if (faults.strike('copy-fail', row.object_id, row.repo_id)) breakHalfWay(activity, bytes / bytesPerMiB, nowMs, filesBroken)
      await tx.update(faultTable, [...faults.changed].map(rowOf))
      await tx.update(activityTable, [rowOf(activity)])
      await tx.update(fileTable, [{ id: row.object_id, size_mib: came.sizeMiB, config: came.guest && JSON.stringify(came.guest) }])
      await tx.remove(fetchTable, [{ job: row.job }])
      await shareAnew(tx, nowMs)
    })
  }

  /** It went wrong: that ends it, unless it was let go, or is no fault that is expected. */
  private async end(row: FetchRow, error: unknown, signal: AbortSignal): Promise<void> {
    const folder = join(this.where(), row.object_id)
    if (signal.reason === leaving) return
    if (signal.reason === unwanted) return rm(folder, { recursive: true, force: true })
    // What can be gone on with stays; else not even the folder does.
    await rmdir(folder).catch(() => {})
    const fault: Fault = error instanceof Refusal ? error.fault : { code: 'defect.internal', message: `the import stopped: ${error instanceof Error ? error.message : String(error)}`, hint: null, details: null }
    await this.store.transact(async tx => {
      const changed = await tx.run(`update activity set due_at = (select cast(value as integer) from meta where key = 'now'), error = ? where job = ? and exists (select 1 from fetch f where f.job = activity.job)`, [JSON.stringify(fault), row.job])
      if (changed > 0) await tx.remove(fetchTable, [{ job: row.job }])
    })
  }

  private where(): string {
    return this.folder ?? (this.temporary ??= mkdtempSync(join(tmpdir(), 'ovmcli-fetch-')))
  }
}
