import { ListCommand, listFlags } from '../../src/cli/record-commands.js'

export default class VmList extends ListCommand {
  static override summary = 'list guests'
  static override description = 'Lists guests, filtered, sorted and cut by the manager.'
  static override examples = [
    '<%= config.bin %> vm list',
    { description: 'What runs in a pool, with more columns', command: '<%= config.bin %> vm list --pool pool1 --state running -o wide' },
    { description: 'The largest first, as JSON', command: "<%= config.bin %> vm list --filter 'memoryMiB>=4GiB' --sort memoryMiB:desc,name -o json" },
    { description: 'Names of all with a tag, for a loop', command: '<%= config.bin %> vm list --tag tier=web -o name' },
  ]
  static override exampleFarm = ['vm start --pool pool1', 'vm update vm1 vm2 --tag tier=web']
  static override flags = listFlags('vm')
  protected readonly kind = 'vm'
}
