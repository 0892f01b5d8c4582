import type { Manager, RunHandle } from '../contract/manager.js'
import type { UndoRequest } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { listIn, textIn, textsIn } from './details.js'
import { requestKeyOf } from './policy-flags.js'
import { policyOf, type PolicyFlags } from './policy.js'
import { RunCommand } from './run-command.js'
import type { CommonFlags } from './base-command.js'
import { guardFlags, policyFlags } from './selection-flags.js'
import { canAsk, printable, say } from './streams.js'

type UndoFlags = CommonFlags & PolicyFlags & { yes?: boolean; 'request-key'?: string }

/** The base of `run undo`: says what cannot be taken back before anything is done, asks, and sees it through. */
export abstract class UndoCommand extends RunCommand {
  static override strict = false
  static readonly undoFlags = { ...policyFlags, yes: guardFlags.yes }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<UndoFlags>()
    const [run] = argv
    if (argv.length !== 1 || run === undefined) throw new Refusal('usage.argument', 'name one run', 'run list shows what there is')
    const request: UndoRequest = { principal: this.principal(flags), run, requestKey: requestKeyOf(flags['request-key']), confirmed: false, policy: policyOf(flags, this.timeoutMs(flags)), reason: flags.reason ?? null }
    return this.seeThrough(flags, `run undo ${run}`, manager => this.undo(manager, request, flags))
  }

  /** Asked without a confirmation first, the manager says what there is to take back. */
  private async undo(manager: Manager, request: UndoRequest, flags: UndoFlags): Promise<RunHandle> {
    try {
      return await manager.undoRun(request)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'guard.confirm') throw error
      for (const one of listIn(error.details, 'cannot')) say(printable(`cannot take back ${textIn(one, 'name')}: ${textIn(one, 'reason')} (${textIn(one, 'code')})`))
      for (const one of textsIn(error.details, 'stays')) say(printable(one))
      if (!flags.yes) {
        if (!canAsk()) throw error
        const { confirm } = await import('./confirm.js')
        if (!(await confirm(`${error.message}. Go on?`))) throw error
      }
      return manager.undoRun({ ...request, confirmed: true })
    }
  }
}
