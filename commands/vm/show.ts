import { ShowCommand } from '../../src/cli/record-commands.js'

export default class VmShow extends ShowCommand {
  static override summary = 'show a guest whole'
  static override description = 'Shows every field of what is named: by name, id or pool/name. One name gives an object, several an array.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = [
    '<%= config.bin %> vm show vm1',
    { description: 'One field, for a script', command: '<%= config.bin %> vm show vm1 -o json --query state' },
    { description: 'Several, by pool and name', command: '<%= config.bin %> vm show pool1/vm1 pool2/vm7 --columns name,nics,disks' },
  ]
  protected readonly kind = 'vm'
}
