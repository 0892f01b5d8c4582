import type { OperationOptions, Selector } from '../contract/requests.js'
import type { ActingFlags } from './acting-command.js'
import { MakingCommand } from './making-command.js'
import { oneSource } from './one-source.js'
import { Refusal } from './refusal.js'

/** The base of verbs that change a part of one guest: `vm nic remove VM NIC`. */
export abstract class OneGuestCommand extends MakingCommand {
  /** what the words behind the verb are, such as `VM NIC` */
  protected readonly wants: string = 'VM'
  protected abstract details(flags: Record<string, unknown>, part: string): OperationOptions['details']

  protected override selector(_flags: ActingFlags, argv: readonly string[]): Selector {
    const usage = `${this.operation.replace(/[.-]/g, ' ')} ${this.wants}`
    const wanted = this.wants.split(' ')
    if (argv.length !== wanted.length) throw new Refusal('usage.argument', argv.length < wanted.length ? `${wanted[argv.length]!} is missing` : `${argv.slice(wanted.length, wanted.length + 3).join(', ')} is too much`, `write ${usage}`)
    return oneSource(argv.slice(0, 1), usage)
  }

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    const details = this.details(flags, argv[1] ?? '')
    return details === undefined ? {} : { details }
  }
}
