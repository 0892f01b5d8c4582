import type { Reader, Transaction } from '../store/store.js'
import { metaText } from './run-records.js'
import { metaTable } from './schema.js'

/** As of which change of pools, their members and masters the records are: another text after each. */
export function membershipsOf(reader: Reader): Promise<string> {
  return metaText(reader, 'memberships')
}

/** Says that members or masters of pools have changed: whoever remembers them reads them again. */
export async function changeMemberships(tx: Transaction): Promise<void> {
  await tx.run(`update ${metaTable.name} set value = value + 1 where key = 'memberships'`)
}
