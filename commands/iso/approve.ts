import { ActingCommand } from '../../src/cli/acting-command.js'

export default class IsoApprove extends ActingCommand {
  static override summary = 'let ISOs be used'
  static override description = 'Lets ISOs be used that were imported or registered. One that is active already is unchanged.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> iso approve ol5u5-extra.iso' },
    { description: 'All that wait, if any do', command: '<%= config.bin %> iso approve --state pending --allow-empty' },
  ]
  static override exampleFarm = ['iso register ol5u5-extra.iso --pool pool1']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'iso.approve'
}
