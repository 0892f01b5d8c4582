import * as Flags from '@oclif/core/flags'
import { OneGuestCommand } from '../../../src/cli/one-guest-command.js'

export default class VmNicAdd extends OneGuestCommand {
  static override summary = 'give a guest a network card'
  static override description = 'Gives a guest that is off one more network card, of at most eight. Without --mac it gets an address of its own.'
  static override usage = '<%= command.id %> VM --bridge BRIDGE [FLAGS]'
  static override examples = [{ description: 'On the second bridge', command: '<%= config.bin %> vm nic add vm1 --bridge xenbr1' }]
  static override flags = {
    bridge: Flags.string({ helpValue: 'BRIDGE', required: true, description: 'the bridge that it is on' }),
    mac: Flags.string({ helpValue: 'MAC', description: 'its address: six octets, and no other guest has it' }),
    ...OneGuestCommand.makingFlags,
  }
  protected readonly operation = 'vm.nic-add'

  protected details(flags: Record<string, unknown>) {
    return { bridge: flags['bridge'], mac: flags['mac'] ?? null }
  }
}
