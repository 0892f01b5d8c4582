import type { OperationOptions, Selector } from '../contract/requests.js'
import { operationWords } from '../model/operations.js'
import type { ActingFlags } from './acting-command.js'
import { MakingCommand } from './making-command.js'
import { oneSource } from './one-source.js'
import { Refusal } from './refusal.js'

/** The base of verbs that put several objects to one in a positional line: `user grant USER POOL...`, `group add GROUP USER...`. */
export abstract class MembersCommand extends MakingCommand {
  /** what the words are, as `USER POOL...` */
  protected abstract readonly line: string
  /** the field of the request that carries the several */
  protected abstract readonly field: string

  protected override selector(_flags: ActingFlags, argv: readonly string[]): Selector {
    const usage = `${operationWords(this.operation)} ${this.line}`
    if (argv.length < 2) throw new Refusal('usage.argument', argv.length === 0 ? 'nothing was named' : `nothing was named beside ${argv[0]}`, `write ${usage}`)
    return oneSource(argv.slice(0, 1), usage)
  }

  protected override options(_flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    return { details: { [this.field]: argv.slice(1) } }
  }
}
