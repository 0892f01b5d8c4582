import type { RecordKind } from '../contract/fields.js'
import { Refusal } from '../model/errors.js'
import { cell, csvCell, fieldOf, heading } from './cells.js'
import type { Format } from './global-flags.js'
import { renderFields, renderTable } from './table.js'

/** How output is to look. */
export interface Look {
  format: Format
  columns: string[] | null
  header: boolean
  color: boolean
}

type Data = Record<string, unknown>

/** Rows in any format. `tableColumns` are shown in tables when nobody chose columns. */
export async function renderRows(kind: RecordKind | null, rows: readonly Data[], tableColumns: readonly string[], look: Look): Promise<string> {
  const columns = look.columns ?? (look.format === 'table' || look.format === 'wide' ? tableColumns : rows.length > 0 ? Object.keys(rows[0]!) : tableColumns)
  checkColumns(rows, columns, kind)
  const picked = look.columns ? rows.map(row => pick(row, columns)) : rows
  switch (look.format) {
    case 'json': return `${oneALine(picked)}\n`
    case 'jsonl': return picked.map(row => `${JSON.stringify(row)}\n`).join('')
    case 'yaml': return (await import('yaml')).stringify(picked)
    case 'csv': return [...(look.header ? [columns.join(',')] : []), ...rows.map(row => columns.map(name => csvCell(row[name])).join(','))].map(line => `${line}\n`).join('')
    case 'name': return rows.map(row => `${cell(row['name'] ?? row['id'])}\n`).join('')
    default: return renderTable(kind, columns, rows, look)
  }
}

/** One object in any format: in a table a line a field. */
export async function renderObject(kind: RecordKind | null, object: Data, look: Look): Promise<string> {
  const columns = look.columns ?? Object.keys(object)
  checkColumns([object], columns, kind)
  const picked = pick(object, columns)
  switch (look.format) {
    case 'json': return `${JSON.stringify(picked, null, 2)}\n`
    case 'jsonl': return `${JSON.stringify(picked)}\n`
    case 'yaml': return (await import('yaml')).stringify(picked)
    case 'csv': return renderRows(kind, [object], columns, look)
    case 'name': return `${cell(object['name'] ?? object['farm'] ?? object['id'])}\n`
    default: return renderFields(columns.map(name => [heading(name), cell(object[name], fieldOf(kind, name))]))
  }
}

/** An array as JSON, one object a line: a document for programs that people can still grep. */
export function oneALine(rows: readonly unknown[]): string {
  return rows.length === 0 ? '[]' : `[\n${rows.map(row => JSON.stringify(row)).join(',\n')}\n]`
}

function pick(row: Data, columns: readonly string[]): Data {
  return Object.fromEntries(columns.map(name => [name, row[name] ?? null]))
}

/** Records were checked by the manager; other output is checked here. @throws Refusal usage.filter */
function checkColumns(rows: readonly Data[], columns: readonly string[], kind: RecordKind | null): void {
  const [first] = rows
  if (!kind && first) checkFields(columns, Object.keys(first))
}

/** Refuses columns that are no fields; commands that change something ask before they do. @throws Refusal usage.filter */
export function checkFields(columns: readonly string[] | null, fields: readonly string[]): void {
  const unknown = columns?.find(name => !fields.includes(name))
  if (unknown !== undefined) throw new Refusal('usage.filter', `there is no field ${JSON.stringify(unknown)}`, `fields: ${fields.join(' ')}`)
}
