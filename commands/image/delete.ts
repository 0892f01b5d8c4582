import { ActingCommand } from '../../src/cli/acting-command.js'

export default class ImageDelete extends ActingCommand {
  static override summary = 'delete images'
  static override description = 'Deletes images and their files; what they took in their repository is free again. It cannot be undone, so it always asks.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> image delete pool1/ol5u5-extra --yes' },
    { description: 'What could not be imported', command: '<%= config.bin %> image delete --state error --allow-empty --yes' },
  ]
  static override exampleFarm = ['image register ol5u5-extra --pool pool1']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'image.delete'
}
