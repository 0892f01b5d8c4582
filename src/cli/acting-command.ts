import type { Manager, RunHandle } from '../contract/manager.js'
import type { OperationOptions, RunRequest, Selector } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { operationWords } from '../model/operations.js'
import { textsIn } from './details.js'
import { maxShareOf, requestKeyOf } from './policy-flags.js'
import { policyOf, type PolicyFlags } from './policy.js'
import { RunCommand } from './run-command.js'
import { guardFlags, peoplePolicyFlags, peopleSelectingFlags, policyFlags, poolSelectingFlags, selectingFlags, serverSelectingFlags } from './selection-flags.js'
import { aimedBy, selectorOf, type SelectFlags } from './selector.js'
import { canAsk, printable, say } from './streams.js'

/** Parsed flags of an acting verb. */
export type ActingFlags = SelectFlags & PolicyFlags & { expect?: number; 'max-targets'?: number; 'max-share'?: string; yes?: boolean; 'request-key'?: string }

/** The base of verbs that act on many targets: builds a run, sees it through. */
export abstract class ActingCommand extends RunCommand {
  static override strict = false
  protected abstract readonly operation: RunRequest['operation']

  static readonly actingFlags = { ...selectingFlags, ...guardFlags, ...policyFlags }
  static readonly poolFlags = { ...poolSelectingFlags, ...guardFlags, ...policyFlags }
  static readonly peopleFlags = { ...peopleSelectingFlags, ...guardFlags, ...peoplePolicyFlags }
  static readonly serverFlags = { ...serverSelectingFlags, ...guardFlags, ...policyFlags }

  /** The flags of the operation itself. */
  protected options(_flags: Record<string, unknown>, _argv: readonly string[]): Partial<OperationOptions> | Promise<Partial<OperationOptions>> {
    return {}
  }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<ActingFlags>()
    return this.act(flags, argv)
  }

  /** Asks for the run that the words mean, and sees it through. */
  protected async act(flags: ActingFlags, argv: readonly string[]): Promise<number> {
    const request = await this.request(flags, argv)
    return this.seeThrough(flags, operationWords(this.operation), manager => this.start(manager, request))
  }

  private async request(flags: ActingFlags, argv: readonly string[]): Promise<RunRequest> {
    return this.requestOf(flags, argv, await this.options({ ...flags }, argv))
  }

  /** The request of a run with such options, and all else as the flags say. */
  protected requestOf(flags: ActingFlags, argv: readonly string[], options: Partial<OperationOptions>): RunRequest {
    return {
      principal: this.principal(flags), requestKey: requestKeyOf(flags['request-key']), operation: this.operation,
      selector: this.selector(flags, argv),
      options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null, ...options },
      guards: { expect: flags.expect ?? null, maxTargets: flags['max-targets'] ?? null, maxSharePercent: maxShareOf(flags['max-share']), confirmed: flags.yes ?? false },
      policy: policyOf(flags, this.timeoutMs(flags)), reason: flags.reason ?? null,
    }
  }

  /** What the verb is aimed at: its words and flags say it. */
  protected selector(flags: ActingFlags, argv: readonly string[]): Selector {
    return selectorOf(argv, aimedBy(argv, this.selecting(flags), this.isDefault('pool')), line => this.tell(flags, line))
  }

  /** The flags that select; a verb that means something else by one of them leaves it out. */
  protected selecting(flags: ActingFlags): SelectFlags {
    return flags
  }

  /** Starts the run; where a confirmation is wanted and somebody sits at the terminal, asks. */
  private async start(manager: Manager, request: RunRequest): Promise<RunHandle> {
    try {
      return await manager.startRun(request)
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'guard.confirm' || !canAsk()) throw error
      say(printable(`  ${textsIn(error.details, 'names').join(', ')}`))
      const { confirm } = await import('./confirm.js')
      if (!(await confirm(`${error.message.replace(' wants a confirmation', '')}. Go on?`))) throw error
      return manager.startRun({ ...request, guards: { ...request.guards, confirmed: true } })
    }
  }
}
