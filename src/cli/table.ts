import type { Field } from '../contract/fields.js'
import { cell, fieldOf, heading, type TableKind } from './cells.js'
import { cutTo, displayWidth } from './display-width.js'

/** The least that a column keeps when a terminal is too narrow, in cells; below that nobody could tell what it says. */
const leastWidth = 6
const gap = '  '

/**
 * Rows as columns apart by two blanks, with a header unless it is not wanted; states in colour, and cells cut to a width, on
 * a terminal. Padded here: cli-table3 takes 9 s for ten thousand guests, this 50 ms.
 */
export async function renderTable(kind: TableKind | null, columns: readonly string[], rows: readonly Record<string, unknown>[], options: { header: boolean; color: boolean; width: number | null }): Promise<string> {
  const paint = options.color ? await painter() : null
  const fields = columns.map(name => fieldOf(kind, name))
  const cells = rows.map(row => columns.map((name, at) => cell(row[name], fields[at])))
  const lines = options.header ? [columns.map(heading), ...cells] : cells
  const widths = fittedWidths(columns.map((_, at) => lines.reduce((widest, line) => Math.max(widest, displayWidth(line[at]!)), 0)), options.width)
  const skipped = lines.length - cells.length
  return lines.map((line, number) => {
    const row = rows[number - skipped]
    return `${line.slice(0, widths.length).map((whole, at) => {
      const text = cutTo(whole, widths[at]!)
      const blanks = ' '.repeat(widths[at]! - displayWidth(text))
      if (!row) return text + blanks
      const shown = paint ? paint(text, columns[at]!, fields[at], row) : text
      return fields[at]?.type === 'integer' ? blanks + shown : shown + blanks
    }).join(gap).trimEnd()}\n`
  }).join('')
}

/** Widths of columns so that a line fits: the last columns are left out when there is no room for them, then the widest but the first give way. */
export function fittedWidths(widths: readonly number[], width: number | null): number[] {
  if (width === null) return [...widths]
  const columns = [...widths]
  const [first = 0] = columns
  const taken = (most: number) => columns.reduce((sum, each, at) => sum + (at === 0 ? first : Math.min(each, most) + gap.length), 0)
  while (columns.length > 1 && taken(leastWidth) > width) columns.pop()
  if (columns.length === 1) return [Math.min(first, width)]
  let most = Math.max(...columns)
  while (most > leastWidth && taken(most) > width) most--
  // What the last step freed goes to the columns that were cut, from the left.
  let spare = width - taken(most)
  return columns.map((each, at) => (at === 0 || each <= most ? each : spare-- > 0 ? most + 1 : most))
}

/** Names and values of one object, a line each. */
export async function renderFields(pairs: readonly (readonly [string, string])[]): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const parts = ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid']
  const table = new Table({ chars: { ...Object.fromEntries(parts.map(part => [part, ''])), middle: '  ' }, style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true } })
  table.push(...pairs.map(pair => [...pair]))
  return pairs.length === 0 ? '' : `${table.toString().split('\n').map(line => line.trimEnd()).join('\n')}\n`
}

/** Columns that are painted though they hold no state. */
const painted: ReadonlySet<string> = new Set(['result', 'severity'])

/** Colours of states: green is as it should be, yellow wants a look, red is wrong, gray is at rest, cyan is on its way. */
const colours: Readonly<Record<string, 'green' | 'yellow' | 'red' | 'gray' | 'cyan'>> = Object.fromEntries(Object.entries({
  green: 'running active succeeded done ok finished would-do', yellow: 'paused suspended degraded unknown interrupted maintenance warning locked pending aborted not-attempted',
  red: 'error failed dead unreachable no-master offline would-fail', gray: 'powered-off off empty unchanged over queued waiting',
  cyan: 'initializing creating cloning deploying deleting migrating saving pausing unpausing suspending resuming rebooting shutting-down starting importing accepted',
}).flatMap(([colour, states]) => states.split(' ').map(state => [state, colour as 'green'])))

/** Colours the text of a cell by the state that its row has in a column; any other text stays as it is. */
export type Paint = (text: string, column: string, field: Field | null | undefined, row: Readonly<Record<string, unknown>>) => string

/** The painter of cells; loads the colours. */
export async function painter(): Promise<Paint> {
  const { default: chalk } = await import('chalk')
  return (text, column, field, row) => {
    const state = String(row[column])
    return (field?.state || painted.has(column)) && Object.hasOwn(colours, state) ? chalk[colours[state]!](text) : text
  }
}
