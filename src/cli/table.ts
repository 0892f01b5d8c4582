import type { RecordKind } from '../contract/fields.js'
import { cell, fieldOf, heading } from './cells.js'

const noBorders = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'].map(part => [part, '']),
)

/** Rows as columns apart by two blanks, with a header unless it is not wanted; states in colour on a terminal. */
export async function renderTable(kind: RecordKind | null, columns: readonly string[], rows: readonly Record<string, unknown>[], options: { header: boolean; color: boolean }): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const paint = options.color ? await painter() : null
  const table = new Table({ chars: { ...noBorders, middle: '  ' }, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true } })
  if (options.header) table.push(columns.map(heading))
  for (const row of rows) {
    table.push(columns.map(name => {
      const field = fieldOf(kind, name)
      const text = cell(row[name], field)
      const shown = paint && (field?.state || name === 'result') ? paint(String(row[name]), text) : text
      return field?.type === 'integer' ? { content: shown, hAlign: 'right' as const } : shown
    }))
  }
  return table.length === 0 ? '' : `${table.toString().split('\n').map(line => line.trimEnd()).join('\n')}\n`
}

const colours: Record<string, 'green' | 'yellow' | 'red' | 'gray'> = {
  running: 'green', active: 'green', succeeded: 'green', done: 'green', paused: 'yellow', suspended: 'yellow', degraded: 'yellow', unknown: 'yellow', interrupted: 'yellow',
  error: 'red', failed: 'red', dead: 'red', 'no-master': 'red', 'powered-off': 'gray', unchanged: 'gray',
}

async function painter(): Promise<(state: string, text: string) => string> {
  const { default: chalk } = await import('chalk')
  return (state, text) => { const colour = colours[state]; return colour ? chalk[colour](text) : text }
}
