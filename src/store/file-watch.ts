import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Changes } from './store.js'

/**
 * Notices that an SQLite file, or the write-ahead log beside it, was written. Watches the folder, because the log comes and
 * goes; opened when somebody first waits. Keeps no process alive. Where nothing can be watched, the time-out is all there is.
 */
export class FileWatch {
  private watcher: FSWatcher | null = null
  private opened = false
  private writes = 0
  private readonly waiting = new Set<() => void>()
  private readonly names: readonly string[]

  constructor(private readonly path: string) {
    this.names = [basename(path), `${basename(path)}-wal`]
  }

  /** The writes from now on, for one who waits for them. */
  changes(): Changes {
    let seen = this.writes
    return {
      next: async (ms, signal) => {
        // What was written before the watch began nobody has counted: let him look again.
        if (this.opened && seen === this.writes && !signal?.aborted) await this.wake(ms, signal)
        this.open()
        seen = this.writes
      },
      isBlind: () => this.opened && this.watcher === null,
    }
  }

  close(): void {
    this.watcher?.close()
    this.watcher = null
    for (const wake of this.waiting) wake()
  }

  private wake(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer)
        this.waiting.delete(wake)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      this.waiting.add(wake)
      signal?.addEventListener('abort', wake)
    })
  }

  private open(): void {
    if (this.opened) return
    this.opened = true
    try {
      this.watcher = watch(dirname(this.path), { persistent: false }, (_, file) => {
        if (file !== null && !this.names.includes(file)) return
        this.writes++
        for (const wake of this.waiting) wake()
      })
      this.watcher.on('error', () => {
        this.watcher?.close()
        this.watcher = null
      })
    } catch {
      // No watches left on this system, or none on this kind of disk: the time-out does.
    }
  }
}
