import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'

/**
 * Notices that an SQLite file, or the write-ahead log beside it, was written. Watches the folder, because the log comes and
 * goes; opened when it is first asked. Keeps no process alive. Where nothing can be watched, the time-out is all there is.
 */
export class FileWatch {
  private watcher: FSWatcher | null = null
  private seen = false
  private readonly waiting = new Set<() => void>()
  private readonly names: readonly string[]

  constructor(private readonly path: string) {
    this.names = [basename(path), `${basename(path)}-wal`]
  }

  /** Resolves when a write was seen since the last answer, after `ms` milliseconds, or when the signal aborts. */
  async changed(ms: number, signal?: AbortSignal): Promise<void> {
    this.open()
    if (!this.seen && !signal?.aborted) {
      await new Promise<void>(resolve => {
        const done = () => {
          clearTimeout(timer)
          this.waiting.delete(done)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        this.waiting.add(done)
        signal?.addEventListener('abort', done)
      })
    }
    this.seen = false
  }

  close(): void {
    this.watcher?.close()
    this.watcher = null
    for (const done of this.waiting) done()
  }

  private open(): void {
    if (this.watcher) return
    try {
      this.watcher = watch(dirname(this.path), { persistent: false }, (_, file) => {
        if (file !== null && !this.names.includes(file)) return
        this.seen = true
        for (const done of this.waiting) done()
      })
      this.watcher.on('error', () => this.watcher?.close())
    } catch {
      // No watches left on this system, or none on this kind of disk: the time-out does.
    }
  }
}
