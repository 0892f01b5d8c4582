import * as Flags from '@oclif/core/flags'
import { BaseCommand, type CommonFlags } from '../../src/cli/base-command.js'
import { passwordOf } from '../../src/cli/password-file.js'
import { portFlag } from '../../src/cli/port-flag.js'
import { writeOut } from '../../src/cli/streams.js'
import { untilSignal } from '../../src/cli/until-signal.js'

export default class ManagerServe extends BaseCommand {
  static override summary = 'serve a farm to ovmcli on other machines, and to SOAP'
  static override description = 'Serves a farm until it is stopped: SIGTERM and Ctrl-C finish the calls that are under way and leave runs to run resume; exit 0. Prints where it answers once it does; the log goes to stderr, a JSON object a line. /healthz and /metrics (Prometheus) answer without a login. A clock with a rate goes on by itself. A farm that manager init was not told of is made ready first when --admin-password-file is given.'
  static override usage = '<%= command.id %> --farm NAME [FLAGS]'
  static override examples = [{ description: 'On any free port, for two seconds', command: "(umask 077; echo 'a long pass phrase' > served.txt); <%= config.bin %> manager init --farm figure-8 --admin-password-file served.txt -o name && timeout --preserve-status 2 <%= config.bin %> manager serve --farm figure-8 --https-port 0" }]
  static override worksHere = true
  static override output = 'none' as const
  static override acts = true
  static override flags = {
    'https-port': Flags.string({ helpValue: 'N', default: '4443', description: 'the port for https (4443); 0: any that is free' }),
    'http-port': Flags.string({ helpValue: 'N', description: 'a port for http too: passwords go over it in clear' }),
    'admin-password-file': Flags.string({ helpValue: 'FILE', description: 'makes the manager ready first where that was not done, as manager init does with this' }),
    listen: Flags.string({ helpValue: 'ADDRESS', default: '127.0.0.1', description: 'the address to listen at (127.0.0.1); 0.0.0.0 and :: are all' }),
  }

  async run(): Promise<number> {
    const { flags } = await this.words<CommonFlags & { 'admin-password-file'?: string; 'https-port': string; 'http-port'?: string; listen: string }>()
    const services = await this.services(flags)
    const httpPort = flags['http-port'] === undefined ? null : portFlag(flags['http-port'], '--http-port')
    const order = { farm: flags.farm ?? null, listen: flags.listen, httpsPort: portFlag(flags['https-port'], '--https-port'), httpPort }
    await this.makeReady(flags, services)
    await untilSignal(stop => services.serve(order, stop, async ({ url, httpUrl }) => writeOut(`${url}\n${httpUrl === null ? '' : `${httpUrl}\n`}`), line => { process.stderr.write(line) }))
    return 0
  }

  /** Where nobody did it before, and a password is given: so that one command makes a manager of a farm. */
  private async makeReady(flags: CommonFlags & { 'admin-password-file'?: string; listen: string }, services: Awaited<ReturnType<typeof this.services>>): Promise<void> {
    const file = flags['admin-password-file']
    if (file === undefined || (await services.status(flags.farm ?? null)).state !== 'not-initialised') return
    const password = passwordOf(file, '--admin-password-file', line => this.tell(flags, line))
    const hosts = ['0.0.0.0', '::', '127.0.0.1'].includes(flags.listen) ? [] : [flags.listen]
    const { fingerprint, user } = await services.init(this.principal(flags), { farm: flags.farm ?? null, password, ask: null, hosts, force: false })
    this.tell(flags, `made a certificate, ${fingerprint}, and gave ${user} the password`)
  }
}
