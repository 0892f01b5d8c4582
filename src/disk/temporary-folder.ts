import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskRefusal } from './disk-refusal.js'

/** A new folder among the temporary ones, for its owner only. @param purpose a word of its name @param what what is to lie there, in words @throws Refusal store.* */
export function temporaryFolder(purpose: string, what: string): string {
  try {
    return mkdtempSync(join(tmpdir(), `ovmcli-${purpose}-`))
  } catch (error) {
    throw diskRefusal(error, `there is no place for ${what} in ${tmpdir()}`, 'set TMPDIR to a folder that you may write to')
  }
}
