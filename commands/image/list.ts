import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class ImageList extends ListCommand {
  static override summary = 'list images'
  static override description = 'Lists images, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> image list',
    { description: 'Those of a pool', command: '<%= config.bin %> image list --pool pool1 -o name' },
  ]
  static override flags = listFlags('image')
  protected readonly kind = 'image'
}
