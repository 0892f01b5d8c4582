import { accessSync, closeSync, constants, fchmodSync, fchownSync, fstatSync, fsyncSync, lstatSync, openSync, readlinkSync, realpathSync, renameSync, rmSync, statSync, writeSync, type Stats } from 'node:fs'
import { devNull } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'

/** How long a FIFO that nobody reads is waited for, and how long between two tries, in milliseconds. */
const readerWaitMs = 10_000
const pauseMs = 20
/** How many symbolic links may lead to a file. */
const mostLinks = 40

/** What is wrong with a path, in words, where the system has no error for it. */
export class PathFault extends Error {}

/** A file that is about to be written. What stands at its path stays as it is until `write` has all of it. */
export interface NewFile {
  /** Writes the whole file and puts it in its place. @throws the system's error, leaving nothing behind */
  write(text: string): Promise<void>
  /** Gives it up, leaving nothing behind; after `write` it does nothing. */
  discard(): void
}

/**
 * Where a file that is to be written really lies, symbolic links followed; the last one may point to what is not there yet.
 * @throws PathFault or the system's error
 */
export function placeOf(path: string): string {
  if (path.endsWith('/')) throw new PathFault('it is a folder')
  let at = resolve(path)
  for (let hops = 0; hops < mostLinks; hops++) {
    at = join(realpathSync(dirname(at)), basename(at))
    if (!lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) return at
    // /dev/fd/63, a shell's >(command), links to a pipe that has no path: it is opened by this one.
    if (statSync(at, { throwIfNoEntry: false })?.isFile() === false) return at
    at = resolve(dirname(at), readlinkSync(at))
  }
  throw new PathFault('too many symbolic links')
}

/** Opens a place for writing; a device or FIFO is written to as it is. @throws PathFault or the system's error, leaving nothing behind */
export function openNewFile(place: string): NewFile {
  const there = statSync(place, { throwIfNoEntry: false })
  if (there) {
    checkKind(there, place)
    accessSync(place, constants.W_OK)
  }
  return !there || there.isFile() ? replacing(place, there ?? null) : streaming(place, there.isFIFO())
}

function checkKind(there: Stats, place: string): void {
  if (there.isDirectory()) throw new PathFault('it is a folder')
  if (there.isBlockDevice()) throw new PathFault('it is a disk')
  if (there.isSocket()) throw new PathFault('it is a socket')
  if (place === devNull) return
  for (const [descriptor, name] of [[1, 'stdout'], [2, 'stderr']] as const) {
    const open = fstatSync(descriptor)
    if (open.dev === there.dev && open.ino === there.ino) throw new PathFault(`${name} goes there`)
  }
}

/** A regular file: written beside its place, then renamed. */
function replacing(place: string, there: Stats | null): NewFile {
  const beside = `${place}.tmp-${process.pid}`
  const descriptor = openFresh(beside)
  let state: 'open' | 'written' | 'gone' = 'open'
  const drop = () => {
    if (state !== 'open') return
    state = 'gone'
    closeSync(descriptor)
    rmSync(beside, { force: true })
  }
  return {
    discard: drop,
    async write(text) {
      try {
        await writeWhole(descriptor, text)
        if (there) takeAfter(descriptor, there)
        fsyncSync(descriptor) // some file systems say only here that they are full
        renameSync(beside, place)
      } catch (error) {
        drop()
        throw error
      }
      state = 'written'
      closeSync(descriptor)
    },
  }
}

/** Who could read the older file can read the new one. */
function takeAfter(descriptor: number, older: Stats): void {
  const { uid, gid } = fstatSync(descriptor)
  try {
    if (uid !== older.uid || gid !== older.gid) fchownSync(descriptor, older.uid, older.gid)
  } catch {
    // only root may give files away
  }
  fchmodSync(descriptor, older.mode & 0o777)
}

/** Makes a file that was not there, never through a link; what a dead process of the same number left is removed. */
function openFresh(path: string): number {
  try {
    return openSync(path, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    rmSync(path)
    return openSync(path, 'wx')
  }
}

/** A device or FIFO; a FIFO that nobody reads yet is opened when there is something to write. */
function streaming(place: string, isFifo: boolean): NewFile {
  let descriptor = openStream(place, isFifo)
  const drop = () => {
    if (descriptor !== null) closeSync(descriptor)
    descriptor = null
  }
  return {
    discard: drop,
    async write(text) {
      try {
        for (const until = performance.now() + readerWaitMs; (descriptor ??= openStream(place, isFifo)) === null; await pause()) {
          if (performance.now() > until) throw new PathFault('nobody reads it')
        }
        await writeWhole(descriptor, text)
      } finally {
        drop()
      }
    },
  }
}

/** Opened without waiting; null when it is a FIFO that nobody reads. */
function openStream(place: string, isFifo: boolean): number | null {
  try {
    return openSync(place, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    if (isFifo && (error as NodeJS.ErrnoException).code === 'ENXIO') return null
    throw error
  }
}

async function writeWhole(descriptor: number, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptor, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      await pause() // the reader is slow
    }
  }
}

function pause(): Promise<void> {
  return new Promise(resume => setTimeout(resume, pauseMs))
}
