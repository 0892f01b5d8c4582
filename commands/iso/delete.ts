import { ActingCommand } from '../../src/cli/acting-command.js'

export default class IsoDelete extends ActingCommand {
  static override summary = 'delete ISOs'
  static override description = 'Deletes ISOs and their files; what they took in their repository is free again. One that is in the drive of a guest is refused; details.users names them. It cannot be undone, so it always asks.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> iso delete pool1/ol5u5.iso --yes' },
    { description: 'What could not be imported', command: '<%= config.bin %> iso delete --state error --allow-empty --yes' },
  ]
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'iso.delete'
}
