import type { GuestFacts, Outcome } from '../host/ports.js'
import type { Fault } from '../model/errors.js'
import type { Store, Transaction } from '../store/store.js'
import { shareBandwidth } from './bandwidth.js'
import { factsOf } from './endings.js'
import { beginOrder, type Order, type Scene } from './orders.js'
import { activityTable, allColumns, domainTable, guestFileTable, hostTable, worldMeta, type ActivityRow, type DomainRow, type GuestFileRow, type HostRow } from './schema.js'

interface Pending<Q, A> { question: Q; resolve: (answer: A) => void; reject: (error: unknown) => void }

/** Collects the questions of one moment and answers them together, so that a thousand servers share one commit. */
class Together<Q, A> {
  private waiting: Pending<Q, A>[] = []

  constructor(private readonly answer: (questions: Q[]) => Promise<(A | Error)[]>) {}

  ask(question: Q): Promise<A> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => void this.flush())
      this.waiting.push({ question, resolve, reject })
    })
  }

  private async flush(): Promise<void> {
    const batch = this.waiting
    this.waiting = []
    try {
      const answers = await this.answer(batch.map(one => one.question))
      batch.forEach((one, at) => {
        const answer = answers[at]!
        if (answer instanceof Error) one.reject(answer)
        else one.resolve(answer)
      })
    } catch (error) {
      for (const one of batch) one.reject(error)
    }
  }
}

/** The simulated world: what runs where, and what is under way. Kept in its own store, as in life apart from the manager's. */
export class World {
  private readonly orders = new Together<Order, null>(orders => this.begin(orders))
  private readonly ended = new Together<string, Outcome[]>(hostIds => this.readOutcomes(hostIds))
  private acknowledged: string[] = []

  constructor(readonly store: Store) {}

  /** Begins an order, durably when this resolves. @throws Refusal */
  async submit(order: Order): Promise<void> {
    await this.orders.ask(order)
  }

  /** Outcomes on a host that nobody acknowledged yet. */
  outcomesOn(hostId: string): Promise<Outcome[]> {
    return this.ended.ask(hostId)
  }

  /** Forgets outcomes, with the next commit: until then they are merely told again. */
  acknowledge(jobs: readonly string[]): void {
    for (const job of jobs) this.acknowledged.push(job)
  }

  /** Drops what was acknowledged, inside a transaction that is under way anyway. */
  async forgetAcknowledged(tx: Transaction): Promise<void> {
    if (this.acknowledged.length === 0) return
    await tx.remove(activityTable, this.acknowledged.map(job => ({ job })))
    this.acknowledged = []
  }

  /** Of these jobs, those that have an activity on a host. */
  knownOn(hostId: string, jobs: readonly string[]): Promise<string[]> {
    return this.store.read(async reader => {
      const rows = await reader.select<{ job: string }>({ job: 'job' }, 'from activity where host_id = ? and job in (select value from json_each(?))', [hostId, JSON.stringify(jobs)])
      return rows.map(row => row.job)
    })
  }

  /** What a host knows of guests: its domains, and the files that it can see of those that have none. */
  inspect(hostId: string, vmIds: readonly string[]): Promise<GuestFacts[]> {
    return this.store.read(async reader => {
      const ids = JSON.stringify(vmIds)
      const domains = await reader.select<DomainRow>(allColumns(domainTable), 'from domain where host_id = ? and vm_id in (select value from json_each(?))', [hostId, ids])
      const files = await reader.select<GuestFileRow>({ vm_id: 'vm_id', saved: 'saved' }, `from guest_file where vm_id in (select value from json_each(?))
        and vm_id not in (select vm_id from domain) and pool_id = (select pool_id from host where id = ?)`, [ids, hostId])
      return [...domains.map(row => factsOf(row.vm_id, row.state, row)), ...files.map(file => factsOf(file.vm_id, file.saved ? 'suspended' : 'powered-off', undefined))]
    })
  }

  private begin(orders: Order[]): Promise<(null | Error)[]> {
    return this.store.transact(async tx => {
      await this.forgetAcknowledged(tx)
      const known = new Set((await tx.select<{ job: string }>({ job: 'job' }, 'from activity where job in (select value from json_each(?))', [JSON.stringify(orders.map(order => order.ticket.job))])).map(row => row.job))
      const scene = await loadScene(tx, orders)
      const answers = orders.map(order => {
        if (known.has(order.ticket.job)) return null
        try {
          beginOrder(scene, order)
          return null
        } catch (error) {
          return error as Error
        }
      })
      await commitScene(tx, scene)
      return answers
    })
  }

  private readOutcomes(hostIds: string[]): Promise<Outcome[][]> {
    return this.store.read(async reader => {
      // What a server reports of a guest is read when it is asked, from the domain or, where there is none, from the files.
      const rows = await reader.select<EndedRow>({
        job: 'a.job', on: 'a.host_id', endedAt: 'a.ended_at', error: 'a.error', vm_id: 'a.vm_id', saved: 'f.saved', host_id: 'd.host_id', domain_id: 'd.domain_id', vnc_port: 'd.vnc_port', target_vnc_port: 'd.target_vnc_port', state: 'd.state', started_at: 'd.started_at',
      }, 'from activity a left join domain d on d.vm_id = a.vm_id left join guest_file f on f.vm_id = a.vm_id where a.host_id in (select value from json_each(?)) and a.ended_at is not null order by a.ended_at, a.job', [JSON.stringify(hostIds)])
      const byHost = new Map<string, Outcome[]>(hostIds.map(id => [id, []]))
      for (const row of rows) {
        const facts = row.state === null ? factsOf(row.vm_id, row.saved ? 'suspended' : 'powered-off', undefined) : factsOf(row.vm_id, row.state, { ...row, state: row.state })
        byHost.get(row.on)!.push({ job: row.job, serverId: row.on, endedAtMs: row.endedAt, error: row.error === null ? null : (JSON.parse(row.error) as Fault), facts })
      }
      return hostIds.map(id => byHost.get(id)!)
    })
  }
}

/** An ended activity with what is there of its guest now. */
type EndedRow = { job: string; on: string; endedAt: number; error: string | null; saved: number | null; state: string | null } & Omit<DomainRow, 'state'>

/** A number of the world's meta table. */
export async function metaNumber(tx: Pick<Transaction, 'select'>, key: string): Promise<number> {
  const [row] = await tx.select<{ value: string }>({ value: 'value' }, `from ${worldMeta.name} where key = ?`, [key])
  return Number(row?.value ?? 0)
}

async function loadScene(tx: Transaction, orders: readonly Order[]): Promise<Scene> {
  const vmIds = JSON.stringify(orders.map(order => order.vmId))
  const hostIds = JSON.stringify([...new Set(orders.flatMap(order => [order.hostId, ...(order.targetHostId ? [order.targetHostId] : [])]))])
  const hosts = await tx.select<HostRow>(allColumns(hostTable), 'from host where id in (select value from json_each(?))', [hostIds])
  const files = await tx.select<GuestFileRow>(allColumns(guestFileTable), 'from guest_file where vm_id in (select value from json_each(?))', [vmIds])
  const domains = await tx.select<DomainRow>(allColumns(domainTable), 'from domain where vm_id in (select value from json_each(?))', [vmIds])
  const used = await tx.select<{ host_id: string; memory_mib: number; ports: string }>(
    { host_id: 'h.value', memory_mib: 'coalesce(sum(d.memory_mib), 0)', ports: 'json_group_array(iif(d.target_host_id = h.value, d.target_vnc_port, d.vnc_port))' },
    'from json_each(?) h left join domain d on d.host_id = h.value or d.target_host_id = h.value group by h.value', [hostIds])
  return {
    nowMs: await metaNumber(tx, 'now'), hosts: new Map(hosts.map(row => [row.id, row])), files: new Map(files.map(row => [row.vm_id, row])),
    domains: new Map(domains.map(row => [row.vm_id, row])), memoryUsed: new Map(used.map(row => [row.host_id, row.memory_mib])),
    vncPorts: new Map(used.map(row => [row.host_id, new Set(JSON.parse(row.ports) as number[])])), created: [], changed: new Set(), changedHosts: new Set(), activities: [],
  }
}

async function commitScene(tx: Transaction, scene: Scene): Promise<void> {
  const row = (of: object) => ({ ...of }) as Record<string, string | number | null>
  await tx.insert(domainTable, scene.created.map(row))
  await tx.update(domainTable, [...scene.changed].filter(domain => !scene.created.includes(domain)).map(row))
  await tx.update(hostTable, [...scene.changedHosts].map(row))
  if (scene.activities.some(activity => activity.resource1 !== null)) {
    const active = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where resource1 is not null and ended_at is null')
    const flows = [...active, ...scene.activities.filter(activity => activity.resource1 !== null)]
    const moved = new Set(shareBandwidth(flows, scene.nowMs))
    await tx.update(activityTable, active.filter(activity => moved.has(activity)).map(row))
  }
  await tx.insert(activityTable, scene.activities.map(row))
}
