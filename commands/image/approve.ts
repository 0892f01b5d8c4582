import { ActingCommand } from '../../src/cli/acting-command.js'

export default class ImageApprove extends ActingCommand {
  static override summary = 'make guests of images'
  static override description = 'Makes guests of images that were imported or registered: off, with network addresses of their own, owned by whoever brought them. Their files become those of the guests, and the images are gone from the list.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> image approve ol5u5-extra' },
    { description: 'All that wait, if any do', command: '<%= config.bin %> image approve --state pending --allow-empty' },
  ]
  static override exampleFarm = ['image register ol5u5-extra --pool pool1']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'image.approve'
}
