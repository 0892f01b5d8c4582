import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'

/** What a refusal may write: that it was, and the counters of what is begun. */
const recordsOfRefusals = new Set(['run', 'item', 'event', 'meta', 'session'])

/** All rows of a farm's two databases, a text for each table, but what a refusal itself may write. */
export function dumpOf(folder: string): Record<string, string> {
  const dump: Record<string, string> = {}
  for (const file of ['manager.db', 'world.db']) {
    const database = new DatabaseSync(join(folder, file), { readOnly: true })
    try {
      const tables = database.prepare(`select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name`).all() as { name: string }[]
      for (const { name } of tables) {
        if (recordsOfRefusals.has(name)) continue
        dump[`${file} ${name}`] = (database.prepare(`select * from ${name}`).all()).map(row => JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))).sort().join('\n')
      }
    } finally {
      database.close()
    }
  }
  return dump
}
