import { randomUUID } from 'node:crypto'
import type { Manager, RunHandle } from '../contract/manager.js'
import type { OperationOptions, RunRequest, Selector } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { BaseCommand, type CommonFlags } from './base-command.js'
import { reportExit } from './exit.js'
import { readTargets, type TargetRef } from './from-file.js'
import { Progress } from './progress.js'
import { renderReport, sayFailures } from './report-view.js'
import { narrowingOf, runFlags, selectingFlags } from './selection-flags.js'
import { writeOut } from './streams.js'

/** Parsed flags of selecting. */
export type SelectFlags = CommonFlags & { pool?: string[]; server?: string[]; state?: string[]; tag?: string[]; filter?: string[]; exclude?: string[]; all?: boolean; from?: string; 'ignore-missing'?: boolean; 'allow-empty'?: boolean }
/** Parsed flags of a run. */
export type RunFlags = SelectFlags & { expect?: number; 'max-targets'?: number; 'max-share'?: string; yes?: boolean; parallel?: number; 'on-error': string; strict?: boolean; 'dry-run'?: boolean; 'no-wait'?: boolean; reason?: string; 'request-key'?: string }

/** The selector of names and flags. @throws Refusal usage.* */
export function selectorOf(argv: readonly string[], flags: SelectFlags): Selector {
  const names = [...argv, ...(flags.from === undefined ? [] : readTargets(flags.from).map(textOf))]
  if (flags.from !== undefined && names.length === 0 && !flags['allow-empty']) throw new Refusal('not-found.match', `--from ${flags.from} names nothing`, '--allow-empty makes this no error')
  if (flags.all && flags.from !== undefined) throw new Refusal('usage.argument', '--all and --from exclude each other')
  return { names, all: (flags.all ?? false) || (flags.from !== undefined && names.length === 0), narrowing: flags.from !== undefined && names.length === 0 ? { ...narrowingOf(flags), filters: ['id='] } : narrowingOf(flags), ignoreMissing: flags['ignore-missing'] ?? false, allowEmpty: flags['allow-empty'] ?? false }
}

function textOf(target: TargetRef): string {
  if (typeof target === 'string') return target
  return 'id' in target ? target.id : target.pool === null ? target.name : `${target.pool}/${target.name}`
}

const signals = ['SIGINT', 'SIGTERM'] as const

/** The base of verbs that act on guests: builds a run, follows it, renders its report. */
export abstract class ActingCommand extends BaseCommand {
  static override strict = false
  protected abstract readonly operation: RunRequest['operation']

  static readonly actingFlags = { ...selectingFlags, ...runFlags }

  /** The flags of the operation itself. */
  protected options(_flags: Record<string, unknown>): Partial<OperationOptions> {
    return {}
  }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<RunFlags>()
    const look = this.look(flags)
    const request = this.request(flags, argv)
    const manager = await this.manager(flags)
    const handle = await this.start(manager, request)
    this.tell(flags, `farm ${handle.farm} (simulated)`)
    const interrupted = await this.follow(manager, request, handle, flags)
    const report = await manager.runReport({ principal: request.principal, run: handle.run })
    await writeOut(await renderReport(report, look, flags.verbose ?? false))
    sayFailures(report)
    return interrupted ?? reportExit(report)
  }

  private request(flags: RunFlags, argv: readonly string[]): RunRequest {
    return {
      principal: this.principal(flags), requestKey: flags['request-key'] ?? randomUUID(), operation: this.operation, selector: selectorOf(argv, flags),
      options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, ...this.options({ ...flags }) },
      guards: { expect: flags.expect ?? null, maxTargets: flags['max-targets'] ?? null, maxSharePercent: shareOf(flags['max-share']), confirmed: flags.yes ?? false },
      policy: { parallel: flags.parallel ?? null, onError: flags['on-error'] === 'stop' ? 'stop' : 'continue', strict: flags.strict ?? false, dryRun: flags['dry-run'] ?? false, noWait: flags['no-wait'] ?? false, timeoutMs: this.timeoutMs(flags) },
      reason: flags.reason ?? null,
    }
  }

  /** Starts the run; where a confirmation is wanted and somebody sits at the terminal, asks. */
  private async start(manager: Manager, request: RunRequest): Promise<RunHandle> {
    try {
      return await manager.startRun(request)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'guard.confirm' || !process.stdin.isTTY || !process.stderr.isTTY) throw error
      const { confirm } = await import('./confirm.js')
      if (!(await confirm(`${error.message.replace(' wants a confirmation', '')}. Go on?`))) throw error
      return manager.startRun({ ...request, guards: { ...request.guards, confirmed: true } })
    }
  }

  /** Follows a run to its end; the exit code of the signal that interrupted it, or null. A second signal ends the process. */
  private async follow(manager: Manager, request: RunRequest, handle: RunHandle, flags: RunFlags): Promise<130 | 143 | null> {
    let exit: 130 | 143 | null = null
    let asked: Promise<void> = Promise.resolve()
    const onSignal = (signal: NodeJS.Signals) => {
      exit = signal === 'SIGINT' ? 130 : 143
      release()
      asked = manager.interruptRun({ principal: request.principal, run: handle.run })
      asked.catch(() => {}) // awaited below
    }
    const release = () => { for (const signal of signals) process.off(signal, onSignal) }
    for (const signal of signals) process.on(signal, onSignal)
    const progress = new Progress(`vm ${this.operation}`, process.stderr.isTTY === true && !flags.quiet)
    try {
      let { state, revision } = handle
      let delayed = false
      while (state === 'running') {
        const now = await manager.followRun({ principal: request.principal, run: handle.run, afterRevision: revision })
        if (now.total >= manyTargets && !delayed) {
          await delayOptimising()
          delayed = true
        }
        state = now.state
        revision = now.revision
        progress.show(now.settled, now.total)
        // Signals arrive between turns of the event loop: give them one.
        await new Promise(resolve => setImmediate(resolve))
      }
      await asked
      return state === 'interrupted' ? exit : null
    } finally {
      progress.clear()
      release()
    }
  }
}

function shareOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const match = /^(\d+(?:\.\d+)?)%?$/.exec(text.trim())
  const percent = match ? Number(match[1]) : NaN
  if (percent >= 0 && percent <= 100) return percent
  throw new Refusal('usage.argument', `--max-share: ${JSON.stringify(text)} is not a share`, 'write 25%')
}

/** From how many targets on a run is worth tuning for, in targets. */
const manyTargets = 200

/**
 * Lets V8 wait longer before it optimises hot functions: on threads of its own that costs a run of a second or two a quarter
 * more CPU than it gains (docs/performance.md). The budget is sixty times its default; what runs for minutes still gets there.
 */
async function delayOptimising(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8')
  setFlagsFromString('--interrupt-budget=4000000')
}
