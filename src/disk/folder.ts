import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** A folder for its owner only, with those above it. Not Node's own `recursive`, which tries for ever where a file system denies a folder with ENOENT (/proc). @throws the system's error */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
