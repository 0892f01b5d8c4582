import { ActingCommand } from '../../src/cli/acting-command.js'

export default class TemplateDelete extends ActingCommand {
  static override summary = 'delete templates'
  static override description = 'Deletes templates and their files; what they took in their repository is free again. One that guests are just being made of is refused. It cannot be undone, so it always asks.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> template delete pool1/ol5u5-pv --yes' },
    { description: 'What could not be imported', command: '<%= config.bin %> template delete --state error --allow-empty --yes' },
  ]
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'template.delete'
}
