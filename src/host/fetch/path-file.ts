import { open } from 'node:fs/promises'
import { Refusal } from '../../model/errors.js'
import type { Kept, OneFile, Opened } from './opened.js'

/** A file of this machine. */
export class PathFile implements OneFile {
  readonly identity: string

  constructor(readonly shown: string) {
    this.identity = `path ${shown}`
  }

  async open(kept: Kept | null): Promise<Opened> {
    const handle = await reading(this.shown, () => open(this.shown))
    const { size, mtimeNs, ino } = await handle.stat({ bigint: true })
    const mark = `${size} ${mtimeNs} ${ino}`
    const startByte = kept?.mark === mark ? kept.bytes : 0
    return { body: handle.createReadStream({ start: startByte, highWaterMark: 1024 * 1024 }), startByte, totalBytes: Number(size), mark, close: () => void handle.close().catch(() => {}) }
  }

  async sizeBytes(): Promise<number> {
    const handle = await reading(this.shown, () => open(this.shown))
    const { size } = await handle.stat().finally(() => handle.close())
    return size
  }
}

/** Work on a path to be read. @throws Refusal import.not-found, import.refused, import.cut */
export async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code'
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new Refusal('import.not-found', `there is nothing at ${path}`, 'look whether the path is right, and the file on this server')
    throw new Refusal('import.refused', `${path} cannot be read (${code})`, code === 'EACCES' ? 'let the user that ovmcli runs as read it' : null)
  }
}
