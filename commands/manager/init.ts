import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { passwordOf } from '../../src/cli/password-file.js'
import { renderObject } from '../../src/cli/render.js'
import { canAsk, writeOut } from '../../src/cli/streams.js'

export default class ManagerInit extends BaseCommand {
  static override summary = 'make the manager of a farm ready to be served'
  static override description = 'Makes a key and a certificate, for this machine by its name and from itself, and gives the first administrator (--user, admin) his password: whoever comes over the wire shows one. Both are kept in the folder of the farm, for its owner only. From then on that user gives his password on this machine too.'
  static override usage = '<%= command.id %> --farm NAME [--admin-password-file FILE] [--host NAME]...'
  static override examples = [{ description: 'With a password from a pipe; --admin-password-file takes a file as well', command: "echo 'a long pass phrase' | <%= config.bin %> manager init --farm figure-8 --admin-password-file -" }]
  static override worksHere = true
  static override output = 'manager-made' as const
  static override acts = true
  static override flags = {
    'admin-password-file': Flags.string({ helpValue: 'FILE', description: 'file with the password of the first administrator in its first line, or - for standard input; on a terminal one is asked for it without' }),
    host: Flags.string({ helpValue: 'NAME', multiple: true, description: 'another name or address of this machine that the certificate is for' }),
    force: Flags.boolean({ description: 'another key and certificate in the place of those there are' }),
  }

  async run(): Promise<number> {
    const { flags } = await this.words<CommonFlags & { 'admin-password-file'?: string; host?: string[]; force?: boolean }>()
    const look = this.look(flags)
    const services = await this.services(flags)
    const file = flags['admin-password-file']
    const password = file === undefined ? null : passwordOf(file, '--admin-password-file', line => this.tell(flags, line))
    const made = await services.init(this.principal(flags), { farm: flags.farm ?? null, password, ask: canAsk() ? async user => (await import('../../src/cli/ask-password.js')).askNewPassword(user) : null, hosts: flags.host ?? [], force: flags.force ?? false })
    this.tell(flags, `serve it with: ovmcli manager serve --farm ${made.farm}`)
    await writeOut(await renderObject(null, { ...made }, look))
    return 0
  }
}
