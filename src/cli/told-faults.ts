import type { GuestFault } from '../model/guest-faults.js'
import type { GuestSpec } from '../model/guest-spec.js'
import { nearOs } from './guest-fields.js'

/** How long the faults in a message may become together, in characters. */
const longestList = 800

/** A fault with what it is said of, as one reads it: `--pool is missing`, `vcpus: 0 is not …`. */
export function saidOf(subject: string, message: string): string {
  return /^(is|has|goes) /.test(message) ? `${subject} ${message}` : `${subject}: ${message}`
}

/** Faults in a line, as many as there is room for, and how many more there are. */
export function listed(faults: readonly string[], count: number): string {
  let [text, shown] = ['', 0]
  for (const fault of faults) {
    if (shown > 0 && text.length + fault.length > longestList) break
    text += `${shown > 0 ? '; ' : ''}${fault}`
    shown++
  }
  return `${text}${count > shown ? ` (and ${count - shown} more)` : ''}`
}

/** A fault with what may have been meant by a word that is not known. */
export function withNear(fault: GuestFault, spec: GuestSpec): GuestFault {
  if (fault.field !== 'os' || fault.code !== 'usage.argument' || spec.os === null) return fault
  return { ...fault, hint: nearOs(spec.os) ?? fault.hint }
}
