import { createReadStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Refusal } from '../../model/errors.js'
import type { ImportedFiles } from '../../model/imported.js'
import type { VmType } from '../../model/object-states.js'
import { contentOf } from '../fetch/path-folder.js'
import { diskAlone, guestOf, type CameFile } from './guest-of.js'
import { broken, isTar, readTar } from './tar.js'

/** What came, and how it is to be understood. */
export interface Arrival {
  /** how messages call it */
  shown: string
  kind: 'template' | 'image' | 'iso'
  type: VmType | null
  os: string | null
  /** how much room there is */
  mostBytes: number
  signal?: AbortSignal
}

const bytesPerMiB = 1_048_576
const [mostFiles, mostTextBytes] = [1_000, 256 * 1024]

/** Other ways to pack something, by how they begin: nothing here unpacks them. */
const foreign: readonly [start: string, name: string][] = [['BZh', 'bzip2'], ['\xfd7zXZ\0', 'xz'], ['PK\x03\x04', 'zip'], ['\x28\xb5\x2f\xfd', 'zstd'], ['7z\xbc\xaf', '7-Zip']]

/**
 * Looks at what came, a file or a folder, and says what files it is and of what guest: a folder or tar archive with a vm.cfg and the
 * disks that this names, or a disk alone; an ISO is a file.
 * @throws Refusal import.archive, import.vm-cfg, import.too-big, vm.os-mode; the reason of the signal
 */
export async function lookAt(path: string, arrival: Arrival): Promise<ImportedFiles> {
  const { shown, kind } = arrival
  const found = await stat(path)
  if (found.isDirectory()) {
    if (kind === 'iso') throw broken(shown, 'it is a folder', 'an ISO is one file')
    return guestOf(await filesIn(path), arrival)
  }
  if (found.size === 0) throw broken(shown, 'it is empty', 'look whether the address or path is right')
  if (kind === 'iso') return { sizeMiB: Math.ceil(found.size / bytesPerMiB), guest: null }
  const start = await startOf(path)
  const packed = foreign.find(([text]) => start.toString('latin1', 0, text.length) === text)
  if (packed) throw broken(shown, `it is packed by ${packed[1]}, which is not unpacked here`)
  const zipped = start[0] === 0x1f && start[1] === 0x8b
  if (!zipped && !isTar(start)) return diskAlone(found.size, arrival)
  const files = await unpacked(shown, stream(path, zipped, arrival.signal), arrival)
  return guestOf(files.map(({ name, bytes, text }) => ({ name: name.replace(/^(?:\.\/)+/, ''), bytes, text })), arrival)
}

async function filesIn(folder: string): Promise<CameFile[]> {
  const { files } = await contentOf(folder)
  return Promise.all(files.map(async name => {
    const { size } = await stat(join(folder, name))
    return { name, bytes: size, text: basename(name) === 'vm.cfg' && size <= mostTextBytes ? await readFile(join(folder, name), 'utf8') : null }
  }))
}

async function startOf(path: string): Promise<Buffer> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

function stream(path: string, zipped: boolean, signal?: AbortSignal): Readable {
  const file = createReadStream(path, { highWaterMark: 1024 * 1024, ...(signal ? { signal } : {}) })
  // Whoever reads the end of the pipe hears of what went wrong in it.
  return zipped ? pipeline(file, createGunzip(), () => {}) : file
}

async function unpacked(shown: string, source: Readable, { mostBytes, signal }: Arrival) {
  try {
    return await readTar(shown, source as AsyncIterable<Uint8Array>, name => basename(name) === 'vm.cfg', { mostBytes, mostFiles, mostTextBytes })
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof Refusal || !(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error
    throw broken(shown, 'what gzip packed is damaged')
  } finally {
    source.destroy()
  }
}
