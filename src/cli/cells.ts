import { fieldsOf, type Field, type RecordKind } from '../contract/fields.js'
import { isListKind, listFields, type ListKind } from '../contract/list-fields.js'
import { formatMiB } from '../model/units.js'
import { printable, visible } from './streams.js'

/** What the rows of a table are. */
export type TableKind = RecordKind | ListKind

/** `Powered Off` of `powered-off`. */
export function titleCase(state: string): string {
  return state.split('-').map(word => word.charAt(0).toUpperCase() + word.slice(1)).join(' ')
}

/** The head of a column: words in capitals, the unit left out (`MEMORY FREE` of `memoryFreeMiB`). */
export function heading(field: string): string {
  return field.replace(/MiB$/, '').replace(/([a-z])([A-Z])/g, '$1 $2').toUpperCase()
}

/** A value as people read it. */
export function cell(value: unknown, field?: Field): string {
  if (value === null || value === undefined || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return field?.unit === 'MiB' ? formatMiB(value) : String(value)
  if (typeof value === 'string') return printable(field?.state ? titleCase(value) : value)
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(part => (typeof part === 'object' && part !== null ? pairs(part) : cell(part))).join(', ')
  const text = pairs(value)
  return text === '' ? '-' : text
}

function pairs(value: object): string {
  return Object.entries(value).map(([key, part]) => `${printable(key)}=${cell(part)}`).join(' ')
}

/** How a field of a kind is described; undefined for output that is no record. */
export function fieldOf(kind: TableKind | null, name: string): Field | undefined {
  if (kind !== null) return isListKind(kind) ? (listFields[kind] as Record<string, Field>)[name] : fieldsOf(kind)[name]
  return name.endsWith('MiB') ? { type: 'integer', unit: 'MiB', column: 'short' } : undefined
}

/** Control characters that CSV has no escape for; line ends and tabs are text. */
const controlInCsv = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\r(?!\n)/g

/** One CSV cell (RFC 4180); a missing value is empty, anything with structure is JSON, control characters are made visible. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value).replace(controlInCsv, visible)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
