import { ShowCommand } from '../../src/cli/record-commands.js'

export default class UserShow extends ShowCommand {
  static override summary = 'show a user whole'
  static override description = 'Shows every field of what is named. One name gives an object, several an array.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = ['<%= config.bin %> user show operator']
  protected readonly kind = 'user'
}
