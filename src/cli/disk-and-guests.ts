import { ActingCommand, type ActingFlags } from './acting-command.js'
import { Refusal } from './refusal.js'
import type { Selector } from '../contract/requests.js'
import { operationWords } from '../model/operations.js'

const { 'max-share': _share, ...flags } = ActingCommand.actingFlags

/** The base of verbs that give a shared disk to guests or take it from them: the disk comes first, the guests are selected. */
export abstract class DiskAndGuestsCommand extends ActingCommand {
  static readonly attachingFlags = flags

  protected override selector(flags: ActingFlags, argv: readonly string[]): Selector {
    if (argv.length === 0) throw new Refusal('usage.argument', 'no shared disk was named', `write ${operationWords(this.operation)} DISK VM...`)
    return super.selector(flags, argv.slice(1))
  }
}
