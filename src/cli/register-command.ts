import * as Flags from '@oclif/core/flags'
import { listFields } from '../contract/list-fields.js'
import type { OperationOptions } from '../contract/requests.js'
import type { OutputName } from '../contract/shapes/outputs.js'
import type { ResourceKind } from '../model/operations/resources.js'
import { type ActingFlags } from './acting-command.js'
import { MakingCommand } from './making-command.js'
import { Refusal } from './refusal.js'
import { checkFields, renderRows } from './render.js'
import { writeOut } from './streams.js'

/** The base of verbs that record what lies in a repository already; without a name they list what does. */
export abstract class RegisterCommand extends MakingCommand {
  static override output: OutputName = 'report-or-discovered'
  static readonly registerFlags = { pool: Flags.string({ helpValue: 'POOL', description: 'in the repositories of this pool' }), ...MakingCommand.makingFlags }
  protected abstract readonly kind: ResourceKind

  override async run(): Promise<number> {
    const { flags, argv } = await this.words<ActingFlags & { pool?: string }>()
    if (argv.length > 0) return this.act(flags, argv)
    const look = this.look(flags)
    const fields = listFields.discovered
    checkFields(look.columns, Object.keys(fields))
    const manager = await this.manager(flags)
    const rows = await manager.discover({ principal: this.principal(flags), kind: this.kind, pool: flags.pool ?? null })
    const shown = Object.entries(fields).filter(([, { column }]) => column === 'short' || look.format === 'wide').map(([name]) => name)
    await writeOut(await renderRows('discovered', rows.map(row => ({ ...row })), shown, look))
    return 0
  }

  protected override options(flags: Record<string, unknown>, argv: readonly string[]): Partial<OperationOptions> {
    const usage = `${this.kind} register NAME --pool POOL`
    if (argv.length !== 1) throw new Refusal('usage.argument', `one name was expected, not ${argv.length}`, `write ${usage}`)
    if (flags['pool'] === undefined) throw new Refusal('usage.argument', 'in which pool it lies was not said', `write ${usage}`)
    return { details: { name: argv[0], pool: flags['pool'] } }
  }
}
