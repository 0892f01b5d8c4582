import type { RecordKind } from '../contract/fields.js'
import { cell, fieldOf, heading } from './cells.js'
import { displayWidth } from './display-width.js'

/**
 * Rows as columns apart by two blanks, with a header unless it is not wanted; states in colour on a terminal.
 * Padded here: cli-table3 takes 9 s for ten thousand guests, this 50 ms.
 */
export async function renderTable(kind: RecordKind | null, columns: readonly string[], rows: readonly Record<string, unknown>[], options: { header: boolean; color: boolean }): Promise<string> {
  const paint = options.color ? await painter() : null
  const fields = columns.map(name => fieldOf(kind, name))
  const cells = rows.map(row => columns.map((name, at) => cell(row[name], fields[at])))
  const lines = options.header ? [columns.map(heading), ...cells] : cells
  const widths = columns.map((_, at) => lines.reduce((widest, line) => Math.max(widest, displayWidth(line[at]!)), 0))
  const skipped = lines.length - cells.length
  return lines.map((line, number) => {
    const row = rows[number - skipped]
    return `${line.map((text, at) => {
      const blanks = ' '.repeat(widths[at]! - displayWidth(text))
      if (!row) return text + blanks
      const shown = paint && (fields[at]?.state || columns[at] === 'result') ? paint(String(row[columns[at]!]), text) : text
      return fields[at]?.type === 'integer' ? blanks + shown : shown + blanks
    }).join('  ').trimEnd()}\n`
  }).join('')
}

/** Names and values of one object, a line each. */
export async function renderFields(pairs: readonly (readonly [string, string])[]): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const parts = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid']
  const table = new Table({ chars: { ...Object.fromEntries(parts.map(part => [part, ''])), middle: '  ' }, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true } })
  table.push(...pairs.map(pair => [...pair]))
  return pairs.length === 0 ? '' : `${table.toString().split('\n').map(line => line.trimEnd()).join('\n')}\n`
}

const colours: Record<string, 'green' | 'yellow' | 'red' | 'gray'> = {
  running: 'green', active: 'green', succeeded: 'green', done: 'green', paused: 'yellow', suspended: 'yellow', degraded: 'yellow', unknown: 'yellow', interrupted: 'yellow',
  error: 'red', failed: 'red', dead: 'red', 'no-master': 'red', 'powered-off': 'gray', unchanged: 'gray',
}

async function painter(): Promise<(state: string, text: string) => string> {
  const { default: chalk } = await import('chalk')
  return (state, text) => { const colour = Object.hasOwn(colours, state) ? colours[state] : undefined; return colour ? chalk[colour](text) : text }
}
