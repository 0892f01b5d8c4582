import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Refusal, type ErrorCode } from '../../model/errors.js'
import { readChecksum, type Checksum } from './address.js'
import type { Fetched, FetchManner } from './manner.js'
import type { Kept, OneFile, Opened } from './opened.js'
import { Part, written } from './part.js'
import { Counter, takeIn } from './take-in.js'
import type { Watch } from './watch.js'

/** After these there is nothing to go on with. */
const final: readonly ErrorCode[] = ['import.not-found', 'import.too-big', 'import.checksum', 'import.write']

/** Brings a file to a target, going on with what a cut transfer left; see `fetchTo`. */
export async function fetchFile(file: OneFile, target: string, manner: FetchManner, watch: Watch): Promise<Fetched> {
  const part = new Part(target)
  const kept = await part.kept(file.identity)
  let opened: Opened | null = null
  try {
    opened = await file.open(kept, watch)
    const bytes = await bring(file, opened, part, manner, watch)
    await part.finish()
    return { kind: 'file', bytes, resumedBytes: opened.startByte }
  } catch (error) {
    if (!canGoOn(error, opened, kept)) await part.drop()
    throw error
  } finally {
    opened?.close()
  }
}

async function bring(file: OneFile, opened: Opened, part: Part, manner: FetchManner, watch: Watch): Promise<number> {
  const checksum = manner.checksum ? readChecksum(manner.checksum) : null
  const counter = new Counter(file.shown, opened.startByte, opened.totalBytes, manner)
  const handle = opened.startByte > 0 ? await part.goOn(opened.startByte) : await part.begin(file.identity, opened.mark)
  try {
    const hash = checksum && createHash(checksum.algorithm)
    if (hash && opened.startByte > 0) await hashStart(hash, part.bytes, opened.startByte, watch)
    await takeIn(file.shown, opened, handle, counter, watch, piece => hash?.update(piece))
    if (checksum && hash) checkHash(file.shown, checksum, hash.digest('hex'))
    return counter.doneBytes
  } finally {
    await handle.close()
  }
}

/** Whether what is there is the beginning of what the next call would bring. */
function canGoOn(error: unknown, opened: Opened | null, kept: Kept | null): boolean {
  if (error instanceof Refusal && final.includes(error.code)) return false
  return opened ? opened.mark !== null : kept !== null
}

/** The checksum so far, of what was there from before. */
async function hashStart(hash: Hash, path: string, bytes: number, watch: Watch): Promise<void> {
  await written(path, async () => {
    for await (const piece of createReadStream(path, { end: bytes - 1, highWaterMark: 1024 * 1024 })) {
      watch.throwIfStopped()
      hash.update(piece as Uint8Array)
    }
  })
}

function checkHash(shown: string, { algorithm, hex }: Checksum, got: string): void {
  if (hex === got) return
  throw new Refusal('import.checksum', `what came from ${shown} has the checksum ${algorithm}:${got}, and not ${algorithm}:${hex}`, 'look whether the checksum is that of this file; if it is, what is there is not what it should be')
}
