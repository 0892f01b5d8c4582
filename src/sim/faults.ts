import type { FaultKind } from '../model/fault-kinds.js'
import { mix32 } from '../model/identity.js'
import type { Reader } from '../store/store.js'
import { allColumns, faultTable, type FaultRow } from './schema.js'
import { metaNumber } from './meta.js'

/**
 * Asks a fault whether it strikes on an occasion, and counts it in its row. Chance is drawn from the farm's seed, the fault's
 * number and how often it was asked, so that the same history gives the same faults. A fault that struck often enough is over. Pure
 * but for the row.
 */
export function strikes(fault: FaultRow, seed: number): boolean {
  if (fault.state !== 'active') return false
  const draw = mix32(mix32(seed, fault.number), fault.asked++) / 0x1_0000_0000
  if (fault.probability !== null && draw >= fault.probability) return false
  fault.occasions++
  if (fault.most !== null && fault.occasions >= fault.most) Object.assign(fault, { state: 'over', due_at: null } satisfies Partial<FaultRow>)
  return true
}

/** The faults that are active at a moment, asked on occasions. */
export class ActiveFaults {
  /** those whose rows are to be written: a fault that was asked has changed */
  readonly changed = new Set<FaultRow>()

  constructor(private readonly rows: readonly FaultRow[], private readonly seed: number) {}

  /** The first fault of a kind that befalls one of some subjects, without asking it. */
  of(kind: FaultKind, ...subjectIds: readonly string[]): FaultRow | undefined {
    return this.rows.find(row => row.kind === kind && row.state === 'active' && subjectIds.includes(row.subject_id))
  }

  /** Whether a fault of a kind strikes one of some subjects on this occasion; each that befalls them is asked until one does. */
  strike(kind: FaultKind, ...subjectIds: readonly string[]): boolean {
    return this.rows.some(row => {
      if (row.kind !== kind || row.state !== 'active' || !subjectIds.includes(row.subject_id)) return false
      this.changed.add(row)
      return strikes(row, this.seed)
    })
  }
}

/** The faults that are active now: one small query where there is none. */
export async function loadActiveFaults(reader: Reader): Promise<ActiveFaults> {
  const rows = await reader.select<FaultRow>(allColumns(faultTable), `from fault where state = 'active' order by number`)
  return new ActiveFaults(rows, rows.length === 0 ? 0 : await metaNumber(reader, 'seed'))
}
