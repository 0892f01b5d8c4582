import * as Flags from '@oclif/core/flags'
import { OneGuestCommand } from '../../../src/cli/one-guest-command.js'

export default class VmCdromInsert extends OneGuestCommand {
  static override summary = 'put an ISO into the CD-ROM of a guest'
  static override description = 'Puts an active ISO of its pool into the CD-ROM of a guest that is off, or runs; one that was there before is taken out. Only hvm guests have a CD-ROM.'
  static override usage = '<%= command.id %> VM --iso ISO [FLAGS]'
  static override examples = ['<%= config.bin %> vm cdrom insert vm1 --iso ol5u5.iso']
  static override exampleFarm = ['vm update vm1 --type hvm']
  static override flags = {
    iso: Flags.string({ helpValue: 'ISO', required: true, description: 'the ISO' }),
    ...OneGuestCommand.makingFlags,
  }
  protected readonly operation = 'vm.cdrom-insert'

  protected details(flags: Record<string, unknown>) {
    return { iso: flags['iso'] }
  }
}
