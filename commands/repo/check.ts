import { CheckCommand } from '../../src/cli/check-command.js'

export default class RepoCheck extends CheckCommand {
  static override summary = 'look into repositories'
  static override description = 'Holds repositories against what the servers of their pools say: who has them mounted, their room, their folders, the lock device of one on NFS, and whether record and files agree. All of them when none is named. Reads only. Exit 8 when something is an error, 0 otherwise.'
  static override usage = '<%= command.id %> [REPO...] [FLAGS]'
  static override examples = [
    { description: 'All', command: '<%= config.bin %> repo check' },
    { description: 'Only what is in the way', command: "<%= config.bin %> repo check pool1//dev/sdb1 --filter 'result!=ok'" },
  ]
  protected readonly checked = 'repo'
}
