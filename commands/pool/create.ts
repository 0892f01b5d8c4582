import * as Flags from '@oclif/core/flags'
import type { ActingFlags } from '../../src/cli/acting-command.js'
import { textIn } from '../../src/cli/details.js'
import { MakingCommand } from '../../src/cli/making-command.js'
import { agentPassword, namedServers, newcomerFlags, shapeFlags } from '../../src/cli/pool-flags.js'
import type { Probe, WantedPool } from '../../src/cli/pool-wizard.js'
import { Refusal } from '../../src/cli/refusal.js'
import { canAsk } from '../../src/cli/streams.js'
import type { OperationOptions } from '../../src/contract/requests.js'

interface Given { server?: string[]; address?: string; 'agent-password-file'?: string; force?: boolean; storage?: WantedPool['storage']; ha?: boolean; 'virtual-ip'?: string }

export default class PoolCreate extends MakingCommand {
  static override summary = 'make a pool of a server or several'
  static override description = 'Makes a pool. Its first server becomes the master, with all three roles; further ones run guests. Its storage gets a root repository: on the disk of the one server (local), or on a disk that all its servers share. On a terminal it asks for what is missing.'
  static override usage = '<%= command.id %> NAME --server NAME[=ADDRESS] [FLAGS]'
  static override examples = [
    { description: 'Of one server, on its own disk', command: '<%= config.bin %> pool create pool3 --server ovs4 --address 10.3.0.1' },
    { description: 'With HA; the second server runs guests', command: '<%= config.bin %> pool create prod --server ovs5=10.4.0.1 --server ovs6=10.4.0.2 --ha --virtual-ip 10.4.0.250' },
    { description: 'Whether it could be made', command: '<%= config.bin %> pool create pool4 --server ovs9 --address 10.9.0.1 --storage shared --dry-run' },
  ]
  static override flags = {
    server: Flags.string({ helpValue: 'NAME[=ADDRESS]', multiple: true, multipleNonGreedy: true, description: 'its first server, the master (repeat: more servers)' }),
    ...newcomerFlags, ...shapeFlags, ...MakingCommand.makingFlags,
  }
  protected readonly operation = 'pool.create'

  protected override async options(flags: Record<string, unknown>, argv: readonly string[]): Promise<Partial<OperationOptions>> {
    const given = flags as Given
    const password = agentPassword(given['agent-password-file'], line => this.tell(flags as unknown as ActingFlags, line))
    if (argv.length > 1) throw new Refusal('usage.argument', `one pool is made at a time, not ${argv.length}`, 'pool create NAME --server NAME --address ADDRESS')
    const wanted: WantedPool = {
      servers: namedServers(given.server ?? [], given.address ?? null), password, force: given.force ?? false,
      ...(argv[0] === undefined ? {} : { name: argv[0] }), ...(given.storage ? { storage: given.storage } : {}), ...(given.ha === undefined ? {} : { ha: given.ha }), ...(given['virtual-ip'] === undefined ? {} : { virtualIp: given['virtual-ip'] }),
    }
    const isWhole = wanted.name !== undefined && wanted.servers.length > 0
    if (isWhole || !canAsk()) return optionsOf(mustBeNamed(wanted))
    const { askForPool } = await import('../../src/cli/pool-wizard.js')
    return optionsOf(await askForPool(wanted, this.probe(flags as unknown as ActingFlags)))
  }

  /** Tries a pool out, as far as it is said: a dry run of making it. */
  private probe(flags: ActingFlags): Probe {
    return async pool => {
      const manager = await this.manager(flags)
      const request = this.requestOf({ ...flags, 'dry-run': true, report: [] } as ActingFlags, [], optionsOf(pool))
      try {
        const { run } = await manager.startRun(request)
        const [item] = (await manager.runReport({ principal: request.principal, run })).items
        return item!.error ? { fault: item!.error, about: 'servers' } : null
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { fault: error.fault, about: textIn(error.details, 'field') }
      }
    }
  }
}

function mustBeNamed(pool: WantedPool): WantedPool {
  if (pool.name === undefined) throw new Refusal('usage.argument', 'no pool is named', 'pool create NAME --server NAME --address ADDRESS')
  return pool
}

function optionsOf({ name, servers, password, storage, ha, virtualIp, force }: WantedPool): Partial<OperationOptions> {
  return { force, details: { name: name ?? '', servers, password, storage: storage ?? null, ha: ha ?? false, virtualIp: virtualIp ?? null } }
}
