import * as Flags from '@oclif/core/flags'
import { OneGuestCommand } from '../../../src/cli/one-guest-command.js'

export default class VmNicUpdate extends OneGuestCommand {
  static override summary = 'change a network card of a guest'
  static override description = 'Puts a network card of a guest that is off on another bridge, or gives it another address.'
  static override usage = '<%= command.id %> VM NIC [FLAGS]'
  static override examples = [{ description: 'On another bridge', command: '<%= config.bin %> vm nic update vm1 eth0 --bridge xenbr1' }]
  static override flags = {
    bridge: Flags.string({ helpValue: 'BRIDGE', description: 'the bridge that it is on' }),
    mac: Flags.string({ helpValue: 'MAC', description: 'its address: six octets, and no other guest has it' }),
    ...OneGuestCommand.makingFlags,
  }
  protected readonly operation = 'vm.nic-update'
  protected override readonly wants = 'VM NIC'

  protected details(flags: Record<string, unknown>, nic: string) {
    return { nic, bridge: flags['bridge'] ?? null, mac: flags['mac'] ?? null }
  }
}
