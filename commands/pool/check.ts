import { CheckCommand } from '../../src/cli/check-command.js'

export default class PoolCheck extends CheckCommand {
  static override summary = 'hold pools against the rules'
  static override description = 'Checks pools: whose they are, their masters, servers, roles and storage, whether they have HA or could have it, their processors, and whether there is spare room for the largest guest that runs. All of them when none is named. Reads only. Exit 8 when something is an error, 0 otherwise.'
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    '<%= config.bin %> pool check pool1',
    { description: 'Only what is in the way', command: "<%= config.bin %> pool check --filter 'result!=ok'" },
  ]
  protected readonly checked = 'pool'
}
