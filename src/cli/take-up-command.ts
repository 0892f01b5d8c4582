import type { PolicyChange } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import type { CommonFlags } from './base-command.js'
import { policyChangeOf, type TakeUpFlags } from './policy.js'
import { RunCommand } from './run-command.js'
import { guardFlags, takeUpFlags } from './selection-flags.js'

/** Parsed flags of a command that takes a run up again. */
export type TakingUpFlags = CommonFlags & TakeUpFlags & { yes?: boolean; 'request-key'?: string }

/** The base of commands that take a recorded run up again. */
export abstract class TakeUpCommand extends RunCommand {
  static override strict = false
  static readonly takeUpFlags = { ...takeUpFlags, yes: guardFlags.yes }

  /** The one run that was named, and what is to be otherwise this time. @throws Refusal usage.argument */
  protected async takenUp(): Promise<{ flags: TakingUpFlags; run: string; change: PolicyChange; timeoutMs: number | null; noWait: boolean }> {
    const { flags, argv } = await this.words<TakingUpFlags>()
    const [run] = argv
    if (argv.length !== 1 || run === undefined) throw new Refusal('usage.argument', 'name one run', 'run list shows what there is')
    return { flags, run, change: policyChangeOf(flags), timeoutMs: this.timeoutMs(flags), noWait: flags['no-wait'] ?? false }
  }
}
