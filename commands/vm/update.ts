import { ActingCommand, type ActingFlags } from '../../src/cli/acting-command.js'
import { changeOfFlags, guestChangeFlags } from '../../src/cli/guest-change-flags.js'
import type { SelectFlags } from '../../src/cli/selector.js'
import type { OperationOptions } from '../../src/contract/requests.js'

const { tag: _tag, server: _server, ...actingFlags } = ActingCommand.actingFlags

export default class VmUpdate extends ActingCommand {
  static override summary = 'change what guests are'
  static override description = "Changes guests that are off; while one runs, its name, owner, group, visibility, tags, HA, preferred servers, CPU priority and cap, and its memory and virtual CPUs up to what it booted with. What is so already stays. Here --tag, --server, --owner and --group say what is to be: select by them with --filter 'tags.KEY=VALUE', --filter server=S. Disks, network cards and the CD-ROM have verbs of their own; vm move changes the repository."
  static override usage = '<%= command.id %> [NAME...] [FLAGS]'
  static override examples = [
    { description: 'More memory and another processor', command: '<%= config.bin %> vm update vm1 --memory-mib 8GiB --vcpus 4' },
    { description: 'Another name', command: '<%= config.bin %> vm update vm6 --rename web' },
    { description: 'Whose it is, and who sees it', command: '<%= config.bin %> vm update vm3 vm4 --owner alice --visibility public' },
    { description: 'Where it is placed first', command: '<%= config.bin %> vm update --pool pool1 --server ovs2' },
    { description: 'Set a tag', command: '<%= config.bin %> vm update vm1 vm2 --tag tier=web' },
    { description: 'Another value for all that have it', command: "<%= config.bin %> vm update --filter 'tags.tier=web' --tag tier=front" },
    { description: 'Take it away', command: '<%= config.bin %> vm update --all --untag tier' },
  ]
  static override exampleFarm = ['vm update vm5 --tag tier=web']
  static override flags = { ...guestChangeFlags, ...actingFlags }
  protected readonly operation = 'vm.update'

  protected override selecting(flags: ActingFlags): SelectFlags {
    const { tag: _, server: __, ...rest } = flags
    return rest
  }

  protected override options(flags: Record<string, unknown>): Partial<OperationOptions> {
    return changeOfFlags(Object.fromEntries(Object.entries(flags).filter(([flag]) => Object.hasOwn(guestChangeFlags, flag))), line => this.tell(flags as never, line))
  }
}
