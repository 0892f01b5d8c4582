import { Refusal } from '../model/errors.js'
import { fileReason } from './file-reason.js'

const noRoom: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG']

/**
 * What a disk would not have, as a refusal: no room, a disk that fails, or a place that may not be written to.
 * @param what what could not be done, and to which file @param hint what to do where the place may not be written to
 * @throws the error itself where it is none of the system's: a defect
 */
export function diskRefusal(error: unknown, what: string, hint: string): Refusal {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (!/^E[A-Z\d]+$/.test(code)) throw error
  const message = `${what}: ${fileReason(error)}`
  if (noRoom.includes(code)) return new Refusal('store.full', message, 'make room on that disk, then try again')
  if (code === 'EIO') return new Refusal('store.unreadable', message, 'look at the disk and the system log')
  return new Refusal('store.read-only', message, hint)
}
