import type { Manager, RunHandle } from '../contract/manager.js'
import type { Principal } from '../contract/requests.js'
import type { OutputName } from '../contract/shapes/outputs.js'
import { Refusal } from '../model/errors.js'
import { BaseCommand, type CommonFlags } from './base-command.js'
import { reportExit } from './exit.js'
import { seeRunThrough, type SeenThrough } from './follow-run.js'
import { sayError } from './print-error.js'
import { Progress } from './progress.js'
import { openReportFiles, type ReportFiles } from './report-files.js'
import { checkReportColumns, printReport, sayFailures } from './report-view.js'
import { say, streams } from './streams.js'
import { movesCursor } from './terminal-kind.js'

/** From how many targets on a run is worth tuning for, in targets. */
const manyTargets = 200

/** The base of commands that see a run through: begin it, follow it, render its report. */
export abstract class RunCommand extends BaseCommand {
  static override output: OutputName = 'report'
  static override acts = true

  /** Sees a run through to its report; the exit code. `what` names it on the progress line. */
  protected async seeThrough(flags: CommonFlags & { report?: string[] }, what: string, begin: (manager: Manager) => Promise<RunHandle>): Promise<number> {
    const look = this.look(flags)
    checkReportColumns(look)
    const files = openReportFiles(flags.report ?? [])
    try {
      const manager = await this.manager(flags)
      const handle = await begin(manager)
      const { report, interrupted } = await this.follow(manager, this.principal(flags), handle, what, flags.quiet ?? false)
      const unasked = await printReport(report, look, flags.verbose ?? false)
      sayFailures(report)
      if (unasked) sayError(unasked)
      const exit = interrupted ?? (reportExit(report) || unasked?.exit || 0)
      return (await writeFiles(files, report)) ?? exit
    } finally {
      files.discard()
    }
  }

  /** Follows a run, with a progress line on a terminal. */
  private async follow(manager: Manager, principal: Principal, handle: RunHandle, what: string, quiet: boolean): Promise<SeenThrough> {
    const progress = new Progress(what, streams().errIsTerminal && movesCursor() && !quiet)
    const begun = async () => {
      // From here on a signal ends the run in order, so from here on it may be said to go on.
      if (!quiet) say(`farm ${handle.farm} (simulated)`)
      if (handle.total >= manyTargets) await tuneForMany()
    }
    try {
      return await seeRunThrough(manager, principal, handle, { begun, moved: (settled, total) => progress.show(settled, total) })
    } finally {
      progress.clear()
    }
  }
}

/** Writes report files; the exit code of a failure, which is told on stderr only: stdout has its one document already. */
async function writeFiles(files: ReportFiles, report: Parameters<ReportFiles['write']>[0]): Promise<number | null> {
  try {
    await files.write(report)
    return null
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    sayError(error)
    return error.exit
  }
}

/**
 * Tunes V8 for a run of a second or two (docs/performance.md): optimising on threads of its own costs it more CPU than it gains,
 * so that waits sixty times its default and what runs for minutes still gets there; and so do several threads for each of many
 * small collections of garbage. Both are read anew whenever they matter, so they may be set while the program runs.
 */
async function tuneForMany(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8')
  setFlagsFromString('--interrupt-budget=4000000')
  setFlagsFromString('--no-parallel-scavenge')
}
