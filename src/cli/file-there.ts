import { statSync, type Stats } from 'node:fs'

/** What stands at a path; undefined where nothing does, or it cannot be looked at, whatever the reason: whoever opens it is told. */
export function fileThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
