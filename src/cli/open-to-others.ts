import { fileThere } from './file-there.js'

/** Whether a regular file may be read by others than its owner. Windows has no such modes: there all files look so. */
export function isOpenToOthers(path: string): boolean {
  const there = fileThere(path)
  return process.platform !== 'win32' && there !== undefined && there.isFile() && (there.mode & 0o044) !== 0
}
