import { CheckCommand } from '../../src/cli/check-command.js'

export default class VmCheck extends CheckCommand {
  static override summary = 'look into guests'
  static override description = 'Holds guests against what their servers report: state, memory and files; and against the rules: operating system and mode, owner and group, addresses, preferred servers, HA, room to start. All of them when none is named. Reads only. Exit 8 when something is an error, 0 otherwise.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'All', command: '<%= config.bin %> vm check' },
    { description: 'Only what is in the way', command: "<%= config.bin %> vm check vm1 vm2 --filter 'result!=ok'" },
  ]
  protected readonly checked = 'vm'
}
