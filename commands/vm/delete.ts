import { ActingCommand } from '../../src/cli/acting-command.js'

export default class VmDelete extends ActingCommand {
  static override summary = 'delete guests and their files'
  static override description = 'Deletes guests that are off, and their files; what they took in their repository is free again. It cannot be undone, so it always asks.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'One', command: '<%= config.bin %> vm delete vm6 --yes' },
    { description: 'Which would go, and why others would not', command: "<%= config.bin %> vm delete 'vm*' --dry-run" },
    { description: 'Those with a tag, if there are two of them', command: '<%= config.bin %> vm delete --tag tier=old --expect 2 --yes' },
  ]
  static override exampleFarm = ['vm update vm1 vm2 --tag tier=old']
  static override flags = ActingCommand.actingFlags
  protected readonly operation = 'vm.delete'
}
