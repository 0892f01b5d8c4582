import { getSystemErrorMap } from 'node:util'

/** Where the words of the system say little. */
const clearer: Readonly<Record<string, string>> = { EISDIR: 'it is a folder', ENOTDIR: 'a part of its path is no folder' }

/** Why a file could not be read or written, for people: `permission denied (EACCES)`. */
export function fileReason(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException
  if (code === undefined) return message ?? String(error)
  const words = clearer[code] ?? (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message
  return `${words} (${code})`
}
