import { groupBy } from '../model/group.js'
import type { Row, Table, Transaction } from '../store/store.js'
import { attachmentTable, bootTable, consoleTable, repositoryTables, tagTable, vmDetailTable, vmTable } from './schema.js'

/** A row that is to be written, as plain data: items keep those that take back what was written when their work began. */
export interface Write { table: string; how: 'insert' | 'update' | 'remove'; row: Row }

const tables = new Map(repositoryTables.map(table => [table.name, table]))

/** Of a row what names it in its table. */
export function keyOf(table: string, row: Row): Row {
  return Object.fromEntries(tables.get(table)!.key.map(column => [column, row[column]!]))
}

/** Writes rows; those of one table that name the same columns go together, and what goes makes room first for what comes under its key. */
export async function applyWrites(tx: Transaction, writes: readonly Write[]): Promise<void> {
  const groups = groupBy([...writes.filter(write => write.how === 'remove'), ...writes.filter(write => write.how !== 'remove')], write => `${write.table} ${write.how} ${Object.keys(write.row).join()}`)
  for (const of of groups.values()) {
    const { table: name, how } = of[0]!
    const table = tables.get(name)!
    const rows = of.map(write => write.row)
    if (how === 'insert') await tx.insert(table, rows)
    else if (how === 'update') await tx.update(table, rows)
    else await tx.remove(table, rows)
  }
}

/** Updates rows of one table that need not all name the same columns. */
export async function updateAlike(tx: Transaction, table: Table, rows: readonly Row[]): Promise<void> {
  for (const of of groupBy(rows, row => Object.keys(row).join()).values()) await tx.update(table, of)
}

/** Removes guests from the records, with all that belongs to them. */
export async function removeGuests(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const keys = ids.map(id => ({ vm_id: id }))
  await tx.remove(vmTable, ids.map(id => ({ id })))
  await tx.remove(vmDetailTable, keys)
  await tx.remove(consoleTable, keys)
  await tx.remove(bootTable, keys)
  for (const table of [tagTable, attachmentTable]) await tx.run(`delete from ${table.name} where vm_id in (select value from json_each(?))`, [JSON.stringify(ids)])
}
