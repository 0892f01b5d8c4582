import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class TemplateList extends ListCommand {
  static override summary = 'list templates'
  static override description = 'Lists templates, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> template list',
    { description: 'Those of a pool', command: '<%= config.bin %> template list --pool pool1 -o name' },
  ]
  static override flags = listFlags('template')
  protected readonly kind = 'template'
}
