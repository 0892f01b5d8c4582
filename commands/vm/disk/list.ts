import { PartsCommand } from '../../../src/cli/parts-command.js'

export default class VmDiskList extends PartsCommand {
  static override summary = 'list the disks of a guest'
  static override description = 'Lists the disks of a guest: what each is called inside of it, whether it is a file of its own, a shared one or a device (physical), how big it is, and where. Reads only.'
  static override usage = '<%= command.id %> VM [FLAGS]'
  static override examples = ['<%= config.bin %> vm disk list vm1']
  static override output = 'guest-disk[]' as const
  static override flags = PartsCommand.rowsFlags
  protected readonly kind = 'guest-disk'
  protected readonly field = 'disks'
  protected override readonly otherwise = { disk: null, mode: null }
}
