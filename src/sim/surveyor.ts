import { createHash } from 'node:crypto'
import type { NicFacts, Survey, Surveyor } from '../host/ports.js'
import { serverNetworks, type ServerRole } from '../model/object-states.js'
import { judged } from './agent-keys.js'
import { factsOf as stateOf } from './endings.js'
import { metaNumber } from './meta.js'
import { factsOf } from './newcomers.js'
import { allColumns, domainTable, hostTable, type DomainRow, type HostRow } from './schema.js'
import type { World } from './world.js'

/** The cards of a server: two of 1 GbE (simulation.md, "Presets"). */
const nicCount = 2
const speedMbit = 1_000

/** Looks into a simulated server. */
export class SimSurveyor implements Surveyor {
  constructor(private readonly world: World, private readonly hostId: string) {}

  survey(password: string | null): Promise<Survey> {
    return this.world.store.read(async reader => {
      const [host] = await reader.select<HostRow>(allColumns(hostTable), 'from host where id = ?', [this.hostId])
      const domains = await reader.select<DomainRow>(allColumns(domainTable), 'from domain where host_id = ? or target_host_id = ? order by domain_id', [this.hostId, this.hostId])
      return {
        facts: factsOf(host!), roles: JSON.parse(host!.roles) as ServerRole[], clockMs: await metaNumber(reader, 'now'), nics: nicsOf(host!), password: judged(host!, password),
        domains: domains.map(row => ({ vmId: row.vm_id, state: stateOf(row.vm_id, row.state, row).state, memoryMiB: row.memory_mib })),
      }
    })
  }
}

/**
 * The cards of a server with their bridges. 2.2 has one bridge a card, and the card itself is on it; 2.1 names the card `pethN` and
 * gives dom0 a card of its own, `vif0.N` at the bridge (simulation.md, "dom0"; transcripts of ifconfig and brctl). The first has the
 * address of the server, and all its traffic (seed: all communication of the agent takes place on eth0).
 */
export function nicsOf(host: Pick<HostRow, 'id' | 'address' | 'release'>): NicFacts[] {
  const digest = createHash('sha256').update(host.id).digest('hex').toUpperCase()
  // The cards of one machine follow one another.
  const first = Number.parseInt(digest.slice(4, 6), 16) & 0xfe
  return Array.from({ length: nicCount }, (_, at): NicFacts => ({
    name: `eth${at}`, mac: ['00', '30', '48', digest.slice(0, 2), digest.slice(2, 4), (first + at).toString(16).padStart(2, '0').toUpperCase()].join(':'), speedMbit,
    address: at === 0 ? host.address : null, bridge: `xenbr${at}`, interfaces: host.release.startsWith('2.1') ? [`peth${at}`, `vif0.${at}`] : [`eth${at}`], networks: at === 0 ? [...serverNetworks] : [],
  }))
}
