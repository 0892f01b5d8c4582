import { MakingCommand } from '../../src/cli/making-command.js'
import { oneSource } from '../../src/cli/one-source.js'
import type { ActingFlags } from '../../src/cli/acting-command.js'
import type { Selector } from '../../src/contract/requests.js'

export default class RepoRoot extends MakingCommand {
  static override summary = 'make a repository the root of its pool'
  static override description = 'Makes a repository the root: /OVS is linked to it on every server, and the others are linked in it. Files stay where they are. Refused while the pool has HA, whose heartbeat and lock lie on the root; and before release 2.2, where the root is mounted as /OVS itself, while guests of the pool run.'
  static override usage = '<%= command.id %> REPO [FLAGS]'
  static override exampleFarm = ['repo add --pool pool1 --device /dev/sdc1']
  static override examples = [{ description: 'Another device', command: '<%= config.bin %> repo root /dev/sdc1' }]
  static override flags = MakingCommand.makingFlags
  protected readonly operation = 'repo.root'

  protected override selector(_flags: ActingFlags, argv: readonly string[]): Selector {
    return oneSource(argv, 'repo root REPO')
  }
}
