import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'

/** Files that are written, and not yet in their places. */
export interface Staged {
  /** Puts each in its place. @throws the system's error, leaving nothing beside the places */
  place(): void
  /** Gives up those that are not in their places. */
  discard(): void
}

/**
 * Writes files for their owner's eyes only, whole or not at all, in folders that are there: all of them are on the disk before the
 * first takes its place. @throws the system's error, leaving nothing behind
 */
export function stagePrivate(files: readonly { path: string; content: string | Buffer }[]): Staged {
  const halves = files.map(({ path }) => ({ path, half: `${path}.${process.pid}` }))
  const discard = () => { for (const { half } of halves) drop(half) }
  const undone = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      discard()
      throw error
    }
  }
  undone(() => { files.forEach(({ content }, at) => writeWhole(halves[at]!.half, content)) })
  return { discard, place: () => undone(() => { for (const { path, half } of halves) renameSync(half, path) }) }
}

/** The same for one file, which takes its place at once. */
export function writePrivate(path: string, content: string | Buffer): void {
  stagePrivate([{ path, content }]).place()
}

/** Removes a file; one that is not there is no error. @throws the system's error */
export function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

function writeWhole(path: string, content: string | Buffer): void {
  // Never through a link; what a dead process of the same number left is removed.
  rmSync(path, { force: true })
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    fchmodSync(descriptor, 0o600)
    // Goes on after a short write, as a disk that is nearly full takes it.
    writeFileSync(descriptor, content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function drop(path: string): void {
  try {
    removeFile(path)
  } catch {
    // What was in the way before is what is told.
  }
}
