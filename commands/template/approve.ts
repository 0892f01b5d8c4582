import { ActingCommand } from '../../src/cli/acting-command.js'

export default class TemplateApprove extends ActingCommand {
  static override summary = 'let templates be used'
  static override description = 'Lets templates be used that were imported or registered. One that is active already is unchanged.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> template approve ol5u5-extra' },
    { description: 'All that wait, if any do', command: '<%= config.bin %> template approve --state pending --allow-empty' },
  ]
  static override exampleFarm = ['template register ol5u5-extra --pool pool1']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'template.approve'
}
