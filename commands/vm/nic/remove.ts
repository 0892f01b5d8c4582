import { OneGuestCommand } from '../../../src/cli/one-guest-command.js'

export default class VmNicRemove extends OneGuestCommand {
  static override summary = 'take a network card away from a guest'
  static override description = 'Takes a network card away from a guest that is off. The others keep their names.'
  static override usage = '<%= command.id %> VM NIC [FLAGS]'
  static override examples = ['<%= config.bin %> vm nic remove vm1 eth0']
  static override flags = OneGuestCommand.makingFlags
  protected readonly operation = 'vm.nic-remove'
  protected override readonly wants = 'VM NIC'

  protected details(_flags: Record<string, unknown>, nic: string) {
    return { nic }
  }
}
