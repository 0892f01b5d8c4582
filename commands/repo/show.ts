import { ShowCommand } from '../../src/cli/record-commands.js'

export default class RepoShow extends ShowCommand {
  static override summary = 'show a repository whole'
  static override description = 'Shows every field of what is named: by name, id or pool/name. One name gives an object, several an array.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = [{ description: 'The repository of a pool', command: '<%= config.bin %> repo show $(ovmcli repo list --pool pool1 -o name)' }]
  protected readonly kind = 'repo'
}
