import { ActingCommand } from '../../src/cli/acting-command.js'

export default class VmPause extends ActingCommand {
  static override summary = 'pause guests'
  static override description = 'Stops guests from running, in memory. A paused guest is unchanged.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> vm pause vm1',
    { description: 'All of a pool but one', command: '<%= config.bin %> vm pause --pool pool1 --state running --exclude vm2' },
    { description: 'Those that the pattern names', command: "<%= config.bin %> vm pause 'vm[1-3]' --dry-run" },
  ]
  static override exampleFarm = ['vm start --pool pool1']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'vm.pause'
}
