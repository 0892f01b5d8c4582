import { readFileSync } from 'node:fs'

/** Who a client of the world is, and whether another still lives. A test plays several clients, and their deaths, in one process. */
export interface Presence {
  readonly pid: number
  /** when the process began, in words of the system: a process number that is used again is not taken for it */
  readonly born: string
  isAlive(pid: number, born: string): boolean
}

/** This process, and the others of this machine. */
export function processPresence(): Presence {
  const { pid } = process
  const born = (bornHere ??= bornOf(pid))
  return { pid, born, isAlive: (other, itsBorn) => (other === pid ? born : bornOf(other)) === itsBorn }
}

/** When this process began: asked once, for a manager has many sessions of its own. */
let bornHere: string | null = null

/** When a process began; empty when it does not live. Where the system has no /proc, all that live began alike. */
function bornOf(pid: number): string {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return ''
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the name, which may hold blanks: the state, then numbers; the twentieth is the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // Dead already, only its parent has not asked yet.
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? 'alive')
  } catch {
    return 'alive'
  }
}
