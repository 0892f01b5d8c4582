import type { DatabaseSync } from '@photostructure/sqlite'
import type { Table } from './store.js'

/** Makes the tables of a store in an empty database, in one transaction. */
export function createTables(db: InstanceType<typeof DatabaseSync>, tables: readonly Table[], version: number): void {
  db.exec('begin immediate')
  // Ids are scattered by design: were rows kept in their order, a wave over one pool would touch every page of the table.
  // Kept in the order they were made, pool by pool, it touches a few. Keys of several columns are in a good order themselves.
  for (const table of tables) {
    const columns = Object.entries(table.columns).map(([name, type]) => `${name} ${type}${table.key.includes(name) ? ' not null' : ''}`)
    db.exec(`create table if not exists ${table.name} (${columns.join(', ')}, primary key (${table.key.join(', ')}))${table.key.length > 1 ? ' without rowid' : ''}`)
    for (const index of table.indexes) {
      db.exec(`create index if not exists ${table.name}_by_${index.join('_')} on ${table.name} (${index.join(', ')})`)
    }
    for (const column of table.sparse ?? []) {
      db.exec(`create index if not exists ${table.name}_by_${column} on ${table.name} (${column}) where ${column} is not null`)
    }
  }
  db.exec(`pragma user_version = ${version}; commit`)
}
