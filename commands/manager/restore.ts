import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { Refusal } from '../../src/cli/refusal.js'
import { renderObject } from '../../src/cli/render.js'
import { canAsk, writeOut } from '../../src/cli/streams.js'

export default class ManagerRestore extends BaseCommand {
  static override summary = 'put a backup in the place of its farm'
  static override description = 'Checks every byte of a backup and puts it in the place of the farm that it was made of, or makes that farm anew; what has happened since is lost. Logins of then hold no longer. Refused while the farm is served. Always wants a confirmation.'
  static override usage = '<%= command.id %> FILE --yes'
  static override examples = ['<%= config.bin %> manager backup "$HOME/farm.backup" > /dev/null && <%= config.bin %> manager restore "$HOME/farm.backup" --yes']
  static override worksHere = true
  static override output = 'manager-restored' as const
  static override acts = true
  static override strict = false
  static override flags = { yes: Flags.boolean({ char: 'y', description: 'do not ask' }) }

  async run(): Promise<number> {
    const { flags, argv } = await this.words<CommonFlags & { yes?: boolean }>()
    if (argv.length !== 1) throw new Refusal('usage.argument', argv.length === 0 ? 'no file was named' : 'one file was expected', 'write ovmcli manager restore FILE')
    const look = this.look(flags)
    const services = await this.services(flags)
    const { farm, at } = services.inspect(argv[0]!)
    if (flags.farm !== undefined && flags.farm !== farm) throw new Refusal('usage.argument', `the backup is of farm ${farm}, and --farm names ${flags.farm}`, 'leave out --farm')
    const question = `Put farm ${farm} as of ${at} in the place of what it is now?`
    if (!flags.yes && !(canAsk() && (await (await import('../../src/cli/confirm.js')).confirm(question)))) throw new Refusal('guard.confirm', `restoring farm ${farm} wants a confirmation`, 'add --yes', { count: 1, names: [farm] })
    await writeOut(await renderObject(null, { ...(await services.restore(this.principal(flags), argv[0]!)) }, look))
    return 0
  }
}
