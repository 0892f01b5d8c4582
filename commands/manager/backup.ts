import { BaseCommand } from '../../src/cli/base-command.js'
import { Refusal } from '../../src/cli/refusal.js'
import { renderObject } from '../../src/cli/render.js'
import { writeOut } from '../../src/cli/streams.js'

export default class ManagerBackup extends BaseCommand {
  static override summary = 'write a farm into one file, while it is served or not'
  static override description = 'Writes what the manager of a farm knows, the simulated world, and certificate and key into one file with a checksum, as of one moment; changes wait meanwhile. The file holds secrets: only you may read it. On the machine of the manager.'
  static override usage = '<%= command.id %> FILE [FLAGS]'
  static override examples = ['<%= config.bin %> manager backup "$HOME/farm.backup"']
  static override worksHere = true
  static override output = 'manager-backup' as const
  static override acts = true
  static override strict = false

  async run(): Promise<number> {
    const { flags, argv } = await this.words()
    if (argv.length !== 1) throw new Refusal('usage.argument', argv.length === 0 ? 'no file was named' : 'one file was expected', 'write ovmcli manager backup FILE')
    const look = this.look(flags)
    const backup = await (await this.services(flags)).backup(this.principal(flags), flags.farm ?? null, argv[0]!)
    await writeOut(await renderObject(null, { ...backup }, look))
    return 0
  }
}
