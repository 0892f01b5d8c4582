import { fieldsOf, type Field, type RecordData, type RecordKind } from '../contract/fields.js'
import { cell, csvCell, heading } from './cells.js'
import { displayWidth } from './display-width.js'
import type { Look } from './render.js'
import { cutPainted } from './screen.js'
import { painter, type Paint } from './table.js'

/** Cells that the values of a field mostly take; what is longer pushes the rest of its line. */
const usualWidths: Readonly<Record<string, number>> = { severity: 8, kind: 18, operation: 14, subject: 16, user: 8, step: 12, progress: 8, run: 12, id: 12 }

/** Rows as lines that can go on for ever: the columns of a table do not wait for what comes. */
export class RowLines {
  private readonly widths: number[]

  private constructor(private readonly kind: RecordKind, private readonly columns: readonly string[], private readonly look: Look, private readonly paint: Paint | null) {
    this.widths = columns.map(name => Math.max(displayWidth(heading(name)), usualWidth(name, fieldsOf(kind)[name]!)))
  }

  static async make(kind: RecordKind, columns: readonly string[], look: Look): Promise<RowLines> {
    return new RowLines(kind, columns, look, look.color ? await painter() : null)
  }

  /** The line above the first row; empty where there is none. */
  get head(): string {
    if (!this.look.header) return ''
    if (this.look.format === 'csv') return `${this.columns.join(',')}\n`
    return this.look.format === 'table' || this.look.format === 'wide' ? this.aligned(this.columns.map(heading), null) : ''
  }

  /** The line of a record. */
  line(record: RecordData): string {
    switch (this.look.format) {
      case 'jsonl': return `${JSON.stringify(Object.fromEntries(this.columns.map(name => [name, record[name] ?? null])))}\n`
      case 'csv': return `${this.columns.map(name => csvCell(record[name])).join(',')}\n`
      case 'name': return `${cell(record['name'] ?? record['id'])}\n`
      default: return this.aligned(this.columns.map(name => cell(record[name], this.field(name))), record)
    }
  }

  private field(name: string): Field {
    return fieldsOf(this.kind)[name]!
  }

  private aligned(cells: readonly string[], record: RecordData | null): string {
    const line = cells.map((text, at) => {
      const name = this.columns[at]!
      const shown = record && this.paint ? this.paint(text, name, this.field(name), record) : text
      return shown + ' '.repeat(Math.max(0, this.widths[at]! - displayWidth(text)))
    }).join('  ').trimEnd()
    return `${this.look.width === null ? line : cutPainted(line, this.look.width)}\n`
  }
}

function usualWidth(name: string, field: Field): number {
  if (field.type === 'time') return 20
  return usualWidths[name] ?? (field.state ? 12 : 0)
}
