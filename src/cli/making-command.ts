import { noNarrowing, type Selector } from '../contract/requests.js'
import { ActingCommand, type ActingFlags } from './acting-command.js'
import { guardFlags, policyFlags } from './selection-flags.js'

const { 'max-share': _share, ...guards } = guardFlags
const { order: _order, ...policy } = policyFlags

/** The base of verbs that make what is not there yet: their words and flags say what, and nothing is selected. */
export abstract class MakingCommand extends ActingCommand {
  static readonly makingFlags = { ...guards, ...policy }

  protected override selector(_flags: ActingFlags, _argv: readonly string[]): Selector {
    return { targets: [], listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false }
  }
}
