import { ShowCommand } from '../../src/cli/record-commands.js'

export default class JobShow extends ShowCommand {
  static override summary = 'show a job whole'
  static override description = 'Shows every field of what is named: by name, id or pool/name. One name gives an object, several an array.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = [{ description: 'The latest', command: '<%= config.bin %> job show $(ovmcli job list -o name --sort createdAt:desc --limit 1)' }]
  static override exampleFarm = ['vm start vm1']
  protected readonly kind = 'job'
}
