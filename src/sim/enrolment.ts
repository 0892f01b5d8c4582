import type { Enrolment, Membership, ServerFacts } from '../host/ports.js'
import { Refusal } from '../model/errors.js'
import { enrol, factsOf } from './newcomers.js'
import { allColumns, hostTable, type HostRow } from './schema.js'
import type { World } from './world.js'

/** What the agent of a simulated server keeps of the pool that it is in. */
export class SimEnrolment implements Enrolment {
  constructor(private readonly world: World, private readonly hostId: string) {}

  async facts(): Promise<ServerFacts> {
    const [host] = await this.world.store.read(reader => reader.select<HostRow>(allColumns(hostTable), 'from host where id = ?', [this.hostId]))
    if (!host) throw new Refusal('agent.unreachable', `no server answers to ${this.hostId}`, 'server list shows what there is')
    return factsOf(host)
  }

  enrol(membership: Membership | null): Promise<void> {
    return this.world.store.transact(tx => enrol(tx, this.hostId, membership))
  }
}
