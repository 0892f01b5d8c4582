import * as Flags from '@oclif/core/flags'
import type { OperationOptions } from '../contract/requests.js'
import { ActingCommand } from './acting-command.js'

/** The base of verbs that take servers down, and so have to say what becomes of the guests there. */
export abstract class EmptyingCommand extends ActingCommand {
  static readonly emptyingFlags = {
    evacuate: Flags.boolean({ exclusive: ['force'], description: 'migrate the guests away first' }),
    force: Flags.boolean({ description: 'let the guests go down with the server' }),
    ...ActingCommand.serverFlags,
  }

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return { evacuate: flags['evacuate'] === true, force: flags['force'] === true }
  }
}
