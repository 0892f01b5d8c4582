import type { Reader, Transaction } from '../store/store.js'
import { worldMeta } from './schema.js'

/** A number of the world's meta table; 0 where it has none. */
export async function metaNumber(reader: Pick<Reader, 'select'>, key: string): Promise<number> {
  const [row] = await reader.select<{ value: string }>({ value: 'value' }, `from ${worldMeta.name} where key = ?`, [key])
  return Number(row?.value ?? 0)
}

/** Writes values of the world's meta table. */
export async function setMeta(tx: Transaction, values: Record<string, number | string>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    await tx.run(`insert into ${worldMeta.name} (key, value) values (?, ?) on conflict (key) do update set value = excluded.value`, [key, String(value)])
  }
}

/** The next number of a counter of the world's meta table, never given twice. */
export async function nextCounter(tx: Transaction, key: string): Promise<number> {
  const next = (await metaNumber(tx, key)) + 1
  await setMeta(tx, { [key]: next })
  return next
}
