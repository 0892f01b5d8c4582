import { fileThere } from './file-there.js'

/** What is to be said of a file that others may read, though it holds what is its owner's alone; null: they may not. @param what it holds, with its article */
export function openToOthers(path: string, what: string): string | null {
  return isOpenToOthers(path) ? `${path} holds ${what}, and others than you may read it: chmod 600 ${path}` : null
}

/** Whether a regular file may be read by others than its owner. Windows has no such modes: there all files look so. */
export function isOpenToOthers(path: string): boolean {
  const there = fileThere(path)
  return process.platform !== 'win32' && there !== undefined && there.isFile() && (there.mode & 0o044) !== 0
}
