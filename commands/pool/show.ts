import { ShowCommand } from '../../src/cli/record-commands.js'

export default class PoolShow extends ShowCommand {
  static override summary = 'show a pool whole'
  static override description = 'Shows every field of what is named: by name, id or pool/name. One name gives an object, several an array.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = [
    '<%= config.bin %> pool show pool1',
    { description: 'Its master, for a script', command: '<%= config.bin %> pool show pool1 -o json --query master' },
  ]
  protected readonly kind = 'pool'
}
