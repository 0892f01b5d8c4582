import { OneGuestCommand } from '../../../src/cli/one-guest-command.js'

export default class VmCdromEject extends OneGuestCommand {
  static override summary = 'take the ISO out of the CD-ROM of a guest'
  static override description = 'Empties the CD-ROM of a guest that is off, or runs. One that is empty is unchanged.'
  static override usage = '<%= command.id %> VM [FLAGS]'
  static override examples = ['<%= config.bin %> vm cdrom eject vm1']
  static override exampleFarm = ['vm update vm1 --type hvm', 'vm cdrom insert vm1 --iso ol5u5.iso']
  static override flags = OneGuestCommand.makingFlags
  protected readonly operation = 'vm.cdrom-eject'

  protected details() {
    return undefined
  }
}
