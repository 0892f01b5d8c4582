import { ActingCommand } from '../../src/cli/acting-command.js'
import { storageFlags } from '../../src/cli/storage-flags.js'

export default class DiskDelete extends ActingCommand {
  static override summary = 'delete shared disks'
  static override description = 'Deletes shared disks and what is on them; what they took in their repository is free again. Refused while a guest has one attached, with the list. It cannot be undone, so it always asks.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override exampleFarm = ['disk create quorum spare --pool pool1 --size-mib 1024']
  static override examples = [
    { description: 'One', command: '<%= config.bin %> disk delete quorum --yes' },
    { description: 'Those that no guest has', command: "<%= config.bin %> disk delete --filter attachedTo= --yes" },
  ]
  static override flags = storageFlags
  protected readonly operation = 'disk.delete'
}
