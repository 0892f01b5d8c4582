import { ShowCommand } from '../../src/cli/record-commands.js'

export default class ServerShow extends ShowCommand {
  static override summary = 'show a server whole'
  static override description = 'Shows every field of what is named: by name, id or pool/name. One name gives an object, several an array.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = [
    '<%= config.bin %> server show ovs1',
    { description: 'One field, for a script', command: '<%= config.bin %> server show ovs1 -o json --query memoryFreeMiB' },
  ]
  protected readonly kind = 'server'
}
