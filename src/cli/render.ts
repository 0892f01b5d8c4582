import { Refusal } from '../model/errors.js'
import { cell, csvCell, fieldOf, heading, type TableKind } from './cells.js'
import type { Format } from './global-flags.js'
import type { Query } from './query.js'
import { renderFields, renderTable } from './table.js'

/** How output is to look. */
export interface Look {
  format: Format
  columns: string[] | null
  header: boolean
  color: boolean
  /** cells that a line may take; null: nothing bounds it */
  width: number | null
  /** what of a json or yaml document is printed; null: all of it */
  query: Query | null
}

/** A look with nothing chosen but the format. */
export function plainLook(format: Format): Look {
  return { format, columns: null, header: true, color: false, width: null, query: null }
}

type Data = Record<string, unknown>

/** Rows in any format. `tableColumns` are shown in tables when nobody chose columns. */
export async function renderRows(kind: TableKind | null, rows: readonly Data[], tableColumns: readonly string[], look: Look): Promise<string> {
  const columns = look.columns ?? (look.format === 'table' || look.format === 'wide' ? tableColumns : rows.length > 0 ? Object.keys(rows[0]!) : tableColumns)
  checkColumns(rows, columns, kind)
  const picked = look.columns ? rows.map(row => pick(row, columns)) : rows
  switch (look.format) {
    case 'json': return look.query ? answer(picked, look) : `${oneALine(picked)}\n`
    case 'jsonl': return picked.map(row => `${JSON.stringify(row)}\n`).join('')
    case 'yaml': return answer(picked, look)
    case 'csv': return [...(look.header ? [columns.join(',')] : []), ...rows.map(row => columns.map(name => csvCell(row[name])).join(','))].map(line => `${line}\n`).join('')
    case 'name': return rows.map(row => `${cell(row['name'] ?? row['id'] ?? row['check'])}\n`).join('')
    default: return renderTable(kind, columns, rows, look)
  }
}

/** One object in any format: in a table a line a field. */
export async function renderObject(kind: TableKind | null, object: Data, look: Look): Promise<string> {
  const columns = look.columns ?? Object.keys(object)
  checkColumns([object], columns, kind)
  const picked = pick(object, columns)
  switch (look.format) {
    case 'json':
    case 'yaml': return answer(picked, look)
    case 'jsonl': return `${JSON.stringify(picked)}\n`
    case 'csv': return renderRows(kind, [object], columns, look)
    case 'name': return nameOf(object)
    default: return renderFields(columns.map(name => [heading(name), cell(object[name], fieldOf(kind, name))]))
  }
}

/** The line that names an object; none for what has no name. */
function nameOf(object: Data): string {
  const name = object['name'] ?? object['farm'] ?? object['id']
  return name === undefined ? '' : `${cell(name)}\n`
}

/** A document in json or yaml, or what --query asks of it. @throws Refusal usage.query */
export async function answer(document: unknown, look: Look): Promise<string> {
  const asked = look.query ? look.query(document) : document
  return look.format === 'yaml' ? (await import('./yaml-text.js')).yamlText(asked) : `${JSON.stringify(asked, null, 2)}\n`
}

/** An array as JSON, one object a line: a document for programs that people can still grep. */
export function oneALine(rows: readonly unknown[]): string {
  return rows.length === 0 ? '[]' : `[\n${rows.map(row => JSON.stringify(row)).join(',\n')}\n]`
}

function pick(row: Data, columns: readonly string[]): Data {
  return Object.fromEntries(columns.map(name => [name, row[name] ?? null]))
}

/** Records were checked by the manager; other output is checked here. @throws Refusal usage.filter */
function checkColumns(rows: readonly Data[], columns: readonly string[], kind: TableKind | null): void {
  const [first] = rows
  if (!kind && first) checkFields(columns, Object.keys(first))
}

/** Refuses columns that are no fields; commands that change something ask before they do. @throws Refusal usage.filter */
export function checkFields(columns: readonly string[] | null, fields: readonly string[]): void {
  const unknown = columns?.find(name => !fields.includes(name))
  if (unknown !== undefined) throw new Refusal('usage.filter', `there is no field ${JSON.stringify(unknown)}`, `fields: ${fields.join(' ')}`)
}
