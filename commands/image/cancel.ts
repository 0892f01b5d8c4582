import { ActingCommand } from '../../src/cli/acting-command.js'

export default class ImageCancel extends ActingCommand {
  static override summary = 'end the import of an image, or drop one that waits'
  static override description = 'Ends an import that is under way: it is listed with that as its reason, and holds no room. What waits for approval is removed, with its files.'
  static override usage = '<%= command.id %> NAME... [FLAGS]'
  static override examples = [{ description: 'One that nobody wants after all', command: '<%= config.bin %> image cancel ol5u5-extra' }]
  static override exampleFarm = ['image register ol5u5-extra --pool pool1']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'image.cancel'
}
