import { ShowCommand } from '../../src/cli/record-commands.js'

export default class DiskShow extends ShowCommand {
  static override summary = 'show a shared disk whole'
  static override description = 'Shows every field of what is named: by name, id or pool/name. One name gives an object, several an array.'
  static override usage = '<%= command.id %> NAME...'
  static override exampleFarm = ['disk create quorum --pool pool1 --size-mib 1024']
  static override examples = [
    '<%= config.bin %> disk show quorum',
    { description: 'Who has it', command: '<%= config.bin %> disk show quorum --columns attachedTo' },
  ]
  protected readonly kind = 'disk'
}
