import * as Flags from '@oclif/core/flags'
import { MakingCommand } from '../../src/cli/making-command.js'
import { newGuestFlags } from '../../src/cli/new-guest-flags.js'
import { newGuests } from '../../src/cli/new-guests.js'
import type { OperationOptions } from '../../src/contract/requests.js'

export default class VmCreate extends MakingCommand {
  static override summary = 'make guests'
  static override description = 'Makes guests of a template, of an ISO, from the network or with an empty disk; or as many as a file says: csv with a heading, YAML, JSON or JSON lines, whose fields are those of the guests. All are checked before the first is made. With a file the flags are for whatever it leaves out.'
  static override usage = '<%= command.id %> NAME... | --file FILE [FLAGS]'
  static override examples = [
    { description: 'Of a template', command: '<%= config.bin %> vm create web01 --pool pool1 --template ol5u5-pv' },
    { description: 'Four at once, larger, and started', command: "<%= config.bin %> vm create 'db{01..04}' --pool pool1 --template ol5u5-pv --vcpus 2 --memory-mib 4GiB --tag tier=db --start" },
    { description: 'To install from a CD-ROM', command: '<%= config.bin %> vm create new1 --pool pool1 --iso ol5u5.iso --os el5' },
    { description: 'What a file would make', command: "printf 'name,memoryMiB\\napp1,2GiB\\napp2,4GiB\\n' | <%= config.bin %> vm create --file - --pool pool2 --template ol5u5-pv --dry-run" },
  ]
  static override flags = {
    file: Flags.string({ helpValue: 'FILE', description: 'guests from a file, or - for standard input: csv, YAML, JSON or JSON lines' }),
    ...newGuestFlags, ...MakingCommand.makingFlags,
  }
  protected readonly operation = 'vm.create'

  protected override async options(flags: Record<string, unknown>, argv: readonly string[]): Promise<Partial<OperationOptions>> {
    return { details: { guests: await newGuests(argv, flags, line => this.tell(flags as never, line)) } }
  }
}
