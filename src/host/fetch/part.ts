import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Refusal } from '../../model/errors.js'
import type { Kept } from './opened.js'

/**
 * What has come of a transfer so far: a folder `TARGET.part` beside the target, in it `bytes` and, where the transfer can be
 * gone on with, `from.json`, which says of what they are. It is all that a cut transfer leaves.
 */
export class Part {
  private readonly folder: string
  readonly bytes: string
  private readonly from: string

  constructor(private readonly target: string) {
    this.folder = `${target}.part`
    this.bytes = join(this.folder, 'bytes')
    this.from = join(this.folder, 'from.json')
  }

  /**
   * What is there of a source; null when nothing is, or it is of another one. The last byte is asked for again: a transfer may
   * have been cut when all had come, and beyond the end a server gives nothing.
   */
  async kept(identity: string): Promise<Kept | null> {
    const [text, size] = await Promise.all([readFile(this.from, 'utf8').catch(() => ''), stat(this.bytes).then(found => found.size, () => 0)])
    const { source, mark } = readFrom(text)
    return source === hashed(identity) && typeof mark === 'string' && size > 1 ? { bytes: size - 1, mark } : null
  }

  /** Begins anew. @throws Refusal import.write */
  async begin(identity: string, mark: string | null): Promise<FileHandle> {
    await this.drop()
    return written(this.target, async () => {
      await mkdir(this.folder, { recursive: true })
      // The source by its hash: an address may hold a key.
      if (mark !== null) await writeFile(this.from, JSON.stringify({ source: hashed(identity), mark }))
      return open(this.bytes, 'wx')
    })
  }

  /** Goes on with the first bytes of what is there. @throws Refusal import.write */
  goOn(bytes: number): Promise<FileHandle> {
    return written(this.target, async () => {
      const handle = await open(this.bytes, 'r+')
      await handle.truncate(bytes)
      return handle
    })
  }

  /** Begins a folder. @throws Refusal import.write */
  async beginFolder(): Promise<void> {
    await this.drop()
    await written(this.target, () => mkdir(this.bytes, { recursive: true }))
  }

  /** Puts what came in the place of the target, in one step for a file. @throws Refusal import.write */
  async finish(): Promise<void> {
    await written(this.target, async () => {
      if ((await stat(this.bytes)).isDirectory()) await rm(this.target, { recursive: true, force: true })
      await rename(this.bytes, this.target)
      await rm(this.folder, { recursive: true, force: true })
      const parent = await open(dirname(this.target))
      await parent.sync().finally(() => parent.close())
    })
  }

  /** Removes all that has come. @throws Refusal import.write */
  async drop(): Promise<void> {
    await written(this.target, () => rm(this.folder, { recursive: true, force: true }))
  }
}

/** Work on the disk that the target is on. @throws Refusal import.write */
export async function written<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error
    const code = String(error.code)
    const full = code === 'ENOSPC' || code === 'EDQUOT'
    throw new Refusal('import.write', `${target} cannot be written${full ? ': no space is left' : ` (${code})`}`, full ? 'make room, and import again' : 'look whether its folder is there and may be written')
  }
}

function readFrom(text: string): { source?: unknown; mark?: unknown } {
  try {
    return Object(JSON.parse(text)) as object
  } catch {
    // Cut in the middle of being written: what is beside it is of nothing that is known.
    return {}
  }
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
