import type { FileHandle } from 'node:fs/promises'
import { Refusal } from '../../model/errors.js'
import type { FetchManner } from './manner.js'
import type { Opened } from './opened.js'
import { written } from './part.js'
import { cut } from './unreachable.js'
import type { Watch } from './watch.js'

/** Counts what comes, and lets no more come than there is room for. */
export class Counter {
  private done: number

  /** @throws Refusal import.too-big */
  constructor(private readonly shown: string, startByte: number, private readonly totalBytes: number | null, private readonly manner: FetchManner) {
    this.done = startByte
    this.check(totalBytes ?? startByte)
    this.tell()
  }

  get doneBytes(): number {
    return this.done
  }

  /** More has come and is to be written. @throws Refusal import.too-big */
  expect(bytes: number): void {
    this.check(this.done + bytes)
  }

  /** More was written. */
  add(bytes: number): void {
    this.done += bytes
    this.tell()
  }

  private tell(): void {
    this.manner.onProgress?.({ doneBytes: this.done, totalBytes: this.totalBytes })
  }

  private check(bytes: number): void {
    const most = this.manner.mostBytes ?? null
    if (most !== null && bytes > most) throw new Refusal('import.too-big', `${this.shown} has at least ${bytes} bytes, and there is room for ${most}`, 'make room, or import to where there is more')
  }
}

/**
 * Writes what a source gives to a file, piece by piece, from its `startByte` on, until all that it announced is on the disk.
 * @param each sees every piece
 * @throws Refusal import.cut, import.too-big, import.write; the reason of the signal
 */
export async function takeIn(shown: string, { body, startByte, totalBytes }: Opened, handle: FileHandle, counter: Counter, watch: Watch, each: (piece: Uint8Array) => void = () => {}): Promise<void> {
  const reader = body[Symbol.asyncIterator]()
  let at = startByte
  try {
    for (;;) {
      watch.throwIfStopped()
      watch.listen()
      const { done, value: piece } = await reader.next().catch((error: unknown) => {
        watch.throwIfStopped()
        throw cut(shown, at, totalBytes, error, watch)
      })
      watch.rest()
      if (done) break
      counter.expect(piece.length)
      each(piece)
      await written(shown, () => writeAll(handle, piece, at))
      at += piece.length
      counter.add(piece.length)
    }
  } finally {
    await reader.return?.().catch(() => {})
  }
  if (totalBytes !== null && at !== totalBytes) throw cut(shown, at, totalBytes, null, watch)
  await written(shown, () => handle.sync())
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten
}
