import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../src/cli/base-command.js'
import { rightOf } from '../src/cli/command-rights.js'
import { program } from '../src/cli/program.js'
import { checkFields, renderObject } from '../src/cli/render.js'
import { answerFields, answerRight } from '../src/cli/right-answer.js'
import { spokenCommand } from '../src/cli/spoken-command.js'
import { printable, say, writeOut } from '../src/cli/streams.js'

export default class CanI extends BaseCommand {
  static override summary = 'whether one may give a command'
  static override description = 'Says yes or no, and why; exit 0 for yes, 4 for no. Without a NAME it is about the role, with one about that object too: a name, id or pool/name; what may not be seen is not found (3). It is about permission only: the state of an object, a lack of room or a guard may still be in the way, which --dry-run of the command itself tells.'
  static override usage = '<%= command.id %> VERB TOPIC [NAME]'
  static override examples = [
    '<%= config.bin %> can-i start vm',
    { description: 'One guest, and why', command: '<%= config.bin %> can-i update vm pool1/vm1 -o json' },
    { description: 'Whether somebody else may, for a script', command: "<%= config.bin %> can-i stop server ovs1 --user operator -q || echo 'ask somebody who may'" },
  ]
  static override output = 'right' as const
  static override strict = false
  // `poweroff` stands for `stop --force` wherever a verb is expected.
  static override flags = { force: Flags.boolean({ hidden: true }) }

  /** whether the command that is asked about is about this machine */
  private isAboutHere = false

  protected override worksHere(): boolean {
    return this.isAboutHere
  }

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    const look = this.look(flags)
    checkFields(look.columns, answerFields)
    const spoken = spokenCommand(argv, Object.keys(program().table))
    this.isAboutHere = ((await program().table[spoken.id]!()).default as { worksHere?: boolean }).worksHere ?? false
    const right = rightOf(spoken.id)
    if (!right) throw new Error(`nobody has said what ${spoken.id} asks`)
    const answer = await answerRight(spoken, right, this.principal(flags), { keeper: () => this.keeper(flags), manager: farm => this.manager(farm === null ? flags : { ...flags, farm }) })
    const word = answer.allowed ? 'yes' : 'no'
    const isPlain = (look.format === 'table' || look.format === 'wide') && look.columns === null
    if (look.format === 'name') await writeOut(`${word}\n`)
    else await writeOut(isPlain ? `${word}: ${printable(answer.reason)}\n` : await renderObject(null, { ...answer }, look))
    if (isPlain && answer.hint !== null && !flags.quiet) say(`Hint: ${printable(answer.hint)}`)
    return answer.allowed ? 0 : 4
  }
}
