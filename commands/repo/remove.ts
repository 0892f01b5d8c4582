import { ActingCommand } from '../../src/cli/acting-command.js'
import { storageFlags } from '../../src/cli/storage-flags.js'

export default class RepoRemove extends ActingCommand {
  static override summary = 'take repositories from their pools'
  static override description = 'Takes empty repositories away from every server of their pool; the devices are free for others. Refused while anything lies in one, with the list; the root stays while there are others, or HA. It cannot be undone, so it always asks.'
  static override usage = '<%= command.id %> REPO... [FLAGS]'
  static override exampleFarm = ['repo add --pool pool1 --device /dev/sdc1']
  static override examples = [
    { description: 'Whether it could be, and what stands in the way', command: '<%= config.bin %> repo remove /dev/sdc1 --dry-run' },
    { description: 'One', command: '<%= config.bin %> repo remove /dev/sdc1 --yes' },
  ]
  static override flags = storageFlags
  protected readonly operation = 'repo.remove'
}
