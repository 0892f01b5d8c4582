import type { Report, ReportItem } from '../contract/manager.js'
import { errorCodes } from '../model/errors.js'
import type { ExitCode } from '../model/exit-codes.js'

/** The exit code of a report (cli.md, "Exit codes"): one target its own; several: 7 unknown, 6 failed or not attempted, 0. */
export function reportExit(report: Pick<Report, 'items'>): ExitCode {
  const { items } = report
  if (items.length === 1) return itemExit(items[0]!)
  if (items.some(item => item.result === 'unknown')) return 7
  return items.some(item => item.result === 'failed' || item.result === 'would-fail' || item.result === 'not-attempted') ? 6 : 0
}

function itemExit(item: ReportItem): ExitCode {
  switch (item.result) {
    case 'unknown': return 7
    case 'failed':
    case 'would-fail':
    case 'not-attempted': return item.error && Object.hasOwn(errorCodes, item.error.code) ? errorCodes[item.error.code].exit : 5
    default: return 0
  }
}
