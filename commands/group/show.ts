import { ShowCommand } from '../../src/cli/record-commands.js'

export default class GroupShow extends ShowCommand {
  static override summary = 'show a group whole'
  static override description = 'Shows every field of what is named. One name gives an object, several an array. Users see the groups that they are in.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = ['<%= config.bin %> group show web']
  static override exampleFarm = ['group create web']
  protected readonly kind = 'group'
}
