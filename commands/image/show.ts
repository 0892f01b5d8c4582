import { ShowCommand } from '../../src/cli/record-commands.js'

export default class ImageShow extends ShowCommand {
  static override summary = 'show an image whole'
  static override description = 'Shows every field of what is named: by name, id or pool/name. One name gives an object, several an array.'
  static override usage = '<%= command.id %> NAME...'
  static override examples = ['<%= config.bin %> image show pool1/ol5u5-extra']
  static override exampleFarm = ['image register ol5u5-extra --pool pool1']
  protected readonly kind = 'image'
}
