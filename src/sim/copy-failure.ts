import type { Fault } from '../model/errors.js'
import { bytesPerMiB, remainingAt } from './bandwidth.js'
import type { ActivityRow } from './schema.js'

const copyFailed: Fault = { code: 'vm.copy-failed', message: 'copying the memory of the guest to or from its repository broke off half way', hint: 'look at the repository, then try again', details: null }

/** Why work on files ends that broke off. */
export const filesBroken: Fault = { code: 'vm.copy-failed', message: 'copying the files broke off half way; nothing of the copy is left', hint: 'look at the repository, then try again', details: null }

/**
 * Lets a copy, of a guest's memory or of files, end, with an error, when half of it is through; one that is past its half goes through
 * (false). Changes the row; its bandwidth has to be shared anew. Pure.
 */
export function breakHalfWay(copy: ActivityRow, memoryMiB: number, nowMs: number, fault: Fault = copyFailed): boolean {
  const half = (memoryMiB * bytesPerMiB) / 2
  const left = remainingAt(copy, nowMs)
  if (left <= half || copy.error !== null) return false
  copy.remaining = left - half
  copy.tail_ms = Math.round(copy.tail_ms / 2)
  copy.rate = null
  copy.since = nowMs
  copy.error = JSON.stringify(fault)
  return true
}
