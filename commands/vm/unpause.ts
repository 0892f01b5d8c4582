import { ActingCommand } from '../../src/cli/acting-command.js'

export default class VmUnpause extends ActingCommand {
  static override summary = 'let paused guests run on'
  static override description = 'Lets paused guests run on. A running guest is unchanged.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm unpause vm1',
    { description: 'Whatever is paused', command: '<%= config.bin %> vm unpause --state paused' },
  ]
  static override exampleFarm = ['vm start --pool pool1', 'vm pause vm1 vm2']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'vm.unpause'
}
