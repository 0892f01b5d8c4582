import type { Report, ReportItem } from '../contract/manager.js'
import { Refusal } from '../model/errors.js'
import { cell } from './cells.js'
import { answer, checkFields, oneALine, renderRows, type Look } from './render.js'
import { printable, say, writeOut } from './streams.js'

/** The fields of an item of a report. */
export const itemFields: (keyof ReportItem)[] = ['kind', 'id', 'name', 'pool', 'result', 'state', 'job', 'startedAt', 'seconds', 'error']

const words: [keyof Report, string][] = [
  ['done', 'done'], ['unchanged', 'unchanged'], ['failed', 'failed'], ['unknown', 'unknown'], ['notAttempted', 'not attempted'], ['accepted', 'accepted'], ['wouldDo', 'would be done'], ['wouldFail', 'would fail'],
]

/** Refuses columns that no item of a report has, before anything is done. @throws Refusal usage.filter */
export function checkReportColumns(look: Look): void {
  checkFields(look.columns, itemFields)
}

/**
 * Prints a report; the refusal of a --query that cannot be asked of it, or of a stdout that takes nothing. What was done is
 * told all the same: where the query fails the report is printed whole.
 */
export async function printReport(report: Report, look: Look, verbose: boolean): Promise<Refusal | null> {
  try {
    await writeOut(await renderReport(report, look, verbose))
    return null
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'output.write') return error
    if (!look.query) throw error
    return (await printReport(report, { ...look, query: null }, verbose)) ?? error
  }
}

/** A report in any format (cli.md, "The report of an acting verb"). */
export async function renderReport(report: Report, look: Look, verbose: boolean): Promise<string> {
  switch (look.format) {
    case 'json': {
      if (look.query) return answer(report, look)
      const { items, ...head } = report
      // The head for people, an item a line: ten thousand of them stay readable and cheap.
      return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "items": ${oneALine(items)}\n}\n`
    }
    case 'yaml': return answer(report, look)
    case 'jsonl':
    case 'csv': return renderRows(null, report.items.map(item => ({ ...item })), itemFields, look)
    case 'name': return report.items.filter(item => item.result === 'done').map(item => `${cell(item.name)}\n`).join('')
    default: return `${await rowsOf(report, look, verbose)}${summary(report)}\n`
  }
}

async function rowsOf(report: Report, look: Look, verbose: boolean): Promise<string> {
  const rows = report.items.filter(item => verbose || look.format === 'wide' || (item.result !== 'done' && item.result !== 'unchanged'))
  if (rows.length === 0) return ''
  const shown = rows.map(item => ({ ...item, error: item.error ? `${item.error.code}: ${item.error.message}` : null }))
  return renderRows(null, shown, ['name', 'pool', 'result', 'state', ...(verbose ? ['seconds'] : []), ...(rows.some(item => item.error) ? ['error'] : [])], look)
}

/** `6 targets: 4 done, 1 unchanged, 1 failed in 41.2 s`. */
export function summary(report: Report): string {
  const counts = words.filter(([key]) => Number(report[key]) > 0).map(([key, word]) => `${report[key]} ${word}`)
  return `${report.total} ${report.total === 1 ? 'target' : 'targets'}: ${counts.join(', ') || 'nothing to do'} in ${report.elapsedSeconds} s${report.run ? ` (${report.run})` : ''}`
}

/** Says on stderr what went on though it is not as it should be, and what failed, the first ten of each in full. */
export function sayFailures(report: Report): void {
  const { warnings = [] } = report
  for (const { name, message } of warnings.slice(0, 10)) say(`Warning: ${printable(name)}: ${printable(message)}`)
  if (warnings.length > 10) say(`… and ${warnings.length - 10} more warnings; -o json lists all`)
  const failed = report.items.filter(item => item.error !== null)
  for (const item of failed.slice(0, 10)) {
    say(`Error: ${printable(item.name)}: ${printable(item.error!.message)} (${item.error!.code})`)
    if (item.error!.hint) say(`Hint: ${printable(item.error!.hint)}`)
  }
  if (failed.length > 10) say(`… and ${failed.length - 10} more; -v or -o json lists all`)
}
