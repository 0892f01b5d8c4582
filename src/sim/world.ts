import type { GuestInspection, Notice, Outcome, PowerOutcome, ServerPower, AgentService, FetchProgress, LyingFiles } from '../host/ports.js'
import type { TargetKind } from '../model/operations/row.js'
import type { Store, Transaction } from '../store/store.js'
import { abortWork } from './aborting.js'
import { loadActiveFaults } from './faults.js'
import { Fetches } from './fetches.js'
import { beginOrder, type Order } from './orders.js'
import { answeringHosts, fetchesOn, guestOutcomes, inspectOn, isTroubled, knownJobs, noticesOn, powerOutcomes, ringingHosts, storedOn } from './reports.js'
import { commitScene, loadScene } from './scene.js'
import { activityTable, faultTable, noticeTable, rowOf } from './schema.js'
import { Together } from './together.js'

/** An answer that is on its way back: from whom, about which guests. */
interface Reply { serverId: string; vmIds: readonly string[] }
/** What a host has to tell that nobody acknowledged yet, and how far its fetches are. */
interface Report { outcomes: Outcome[]; notices: Notice[]; fetches: FetchProgress[] }

/** The simulated world: what runs where, and what is under way. Kept in its own store, as in life apart from the manager's. */
export class World {
  private readonly orders = new Together<Order, null>(orders => this.begin(orders))
  private readonly reports = new Together<string, Report>(hostIds => this.store.read(async reader => {
    const ids = [...new Set(hostIds)]
    const [outcomes, notices, fetches] = [await guestOutcomes(reader, ids), await noticesOn(reader, ids, this.noticesHeard), await fetchesOn(reader, ids)]
    const byHost = new Map(ids.map((id, at) => [id, { outcomes: outcomes[at]!, notices: notices[at]!, fetches: fetches[at]! }]))
    return hostIds.map(id => byHost.get(id)!)
  }))
  private readonly calls = new Together<string, boolean>(hostIds => this.store.read(async reader => {
    const answering = await answeringHosts(reader, hostIds)
    return hostIds.map(id => answering.has(id))
  }))
  private readonly replies = new Together<Reply, boolean>(replies => this.lose(replies))
  private readonly troubles = new Together<null, boolean>(async questions => {
    const troubled = await this.store.read(isTroubled)
    return questions.map(() => troubled)
  })
  private acknowledged: string[] = []
  private noticesHeard = new Set<number>()

  readonly fetches: Fetches

  /** @param fetchFolder where bytes from outside come to lie while they are fetched; null: in a folder for temporary files */
  constructor(readonly store: Store, fetchFolder: string | null = null) {
    this.fetches = new Fetches(store, fetchFolder)
  }

  /** Begins an order, durably when this resolves. @throws Refusal */
  async submit(order: Order): Promise<void> {
    await this.orders.ask(order)
  }

  /** Outcomes of work on guests of a host that nobody acknowledged yet. */
  async outcomesOn(hostId: string): Promise<Outcome[]> {
    return (await this.reports.ask(hostId)).outcomes
  }

  /** Outcomes of work on a host's power that nobody acknowledged yet. */
  powerOutcomesOn(hostId: string): Promise<PowerOutcome[]> {
    return this.store.read(reader => powerOutcomes(reader, hostId))
  }

  /** What a host has to tell that nobody acknowledged yet. */
  async noticesOn(hostId: string): Promise<Notice[]> {
    return (await this.reports.ask(hostId)).notices
  }

  /** Forgets outcomes, with the next commit: until then they are merely told again. */
  acknowledge(jobs: readonly string[]): void {
    for (const job of jobs) this.acknowledged.push(job)
  }

  /** Forgets notices, with the next commit. */
  acknowledgeNotices(ids: readonly number[]): void {
    for (const id of ids) this.noticesHeard.add(id)
  }

  /** Drops what was acknowledged, inside a transaction that is under way anyway. */
  async forgetAcknowledged(tx: Transaction): Promise<void> {
    if (this.acknowledged.length > 0) await tx.remove(activityTable, this.acknowledged.map(job => ({ job })))
    if (this.noticesHeard.size > 0) await tx.remove(noticeTable, [...this.noticesHeard].map(id => ({ id })))
    this.acknowledged = []
    this.noticesHeard = new Set()
  }

  /** Lets go of fetches, and drops what was acknowledged, when there is something: the last thing to do before the store is closed. */
  async forget(): Promise<void> {
    await this.fetches.release()
    if (this.acknowledged.length > 0 || this.noticesHeard.size > 0) await this.store.transact(tx => this.forgetAcknowledged(tx))
  }

  /** Of these jobs, those that have an activity on a host: on guests, or on its power. */
  knownOn(hostId: string, jobs: readonly string[], of: 'guests' | 'power'): Promise<string[]> {
    return this.store.read(reader => knownJobs(reader, hostId, jobs, of))
  }

  /** Undoes work on a host as far as that is possible; the jobs that were undone. */
  abort(hostId: string, jobs: readonly string[]): Promise<string[]> {
    return this.store.transact(tx => abortWork(tx, hostId, jobs))
  }

  /** How far fetches on a host are. */
  async fetchesOn(hostId: string): Promise<FetchProgress[]> {
    return (await this.reports.ask(hostId)).fetches
  }

  /** Files of some kinds that lie whole in the repositories that a host can see. */
  storedOn(hostId: string, kinds: readonly TargetKind[]): Promise<LyingFiles[]> {
    return this.store.read(reader => storedOn(reader, hostId, kinds))
  }

  /** What a host knows of guests: its domains, and the files that it can see of those that have none. */
  inspect(hostId: string, vmIds: readonly string[]): Promise<GuestInspection[]> {
    return this.store.read(reader => inspectOn(reader, hostId, vmIds))
  }

  /** Whether a host has power; a host that does not exist has none. */
  async powerOf(hostId: string): Promise<ServerPower> {
    const [host] = await this.store.read(reader => reader.select<{ power: ServerPower }>({ power: 'power' }, 'from host where id = ?', [hostId]))
    return host?.power ?? 'off'
  }

  /** Whether the agent of a host runs; of a host that is not up it does not. */
  async agentOf(hostId: string): Promise<AgentService> {
    const [host] = await this.store.read(reader => reader.select<{ power: ServerPower; agent: AgentService }>({ power: 'power', agent: 'agent' }, 'from host where id = ?', [hostId]))
    return host?.power === 'on' ? host.agent : 'stopped'
  }

  /**
   * Servers that have something to tell and can be heard: ended work or notices that nobody acknowledged. A server that lost
   * power is among them, though it is silent, until it was found so (`heard`); so is one whose power port has an outcome. Reads only.
   */
  ringing(): Promise<string[]> {
    return this.store.read(reader => ringingHosts(reader, this.acknowledged, this.noticesHeard))
  }

  /** Notes that servers were found silent, so that they do not ring again before they are back. */
  async heard(serverIds: readonly string[]): Promise<void> {
    const ids = [JSON.stringify(serverIds)]
    const where = 'heard = 0 and host_id in (select value from json_each(?))'
    const [open] = await this.store.read(reader => reader.select<{ n: number }>({ n: 'count(*)' }, `from notice where ${where}`, ids))
    if (open!.n > 0) await this.store.transact(tx => tx.run(`update notice set heard = 1 where ${where}`, ids))
  }

  /** Whether any server is off, or any fault on the way to an agent is active. */
  isTroubled(): Promise<boolean> {
    return this.troubles.ask(null)
  }

  /** Whether the agent on a server can be reached now: it is up, and no fault keeps it silent. */
  answers(serverId: string): Promise<boolean> {
    return this.calls.ask(serverId)
  }

  /** Whether the answer that a server is giving about some guests is lost on its way. Asked once for each answer: every loss is an occasion of a fault. */
  losesReply(serverId: string, vmIds: readonly string[]): Promise<boolean> {
    return this.replies.ask({ serverId, vmIds })
  }

  private begin(orders: Order[]): Promise<(null | Error)[]> {
    // Whoever gives an order has recorded it first: one that is lost is found missing, and given again.
    return this.store.transact(async tx => {
      await this.forgetAcknowledged(tx)
      const known = new Set((await tx.select<{ job: string }>({ job: 'job' }, 'from activity where job in (select value from json_each(?))', [JSON.stringify(orders.map(order => order.ticket.job))])).map(row => row.job))
      const scene = await loadScene(tx, orders)
      const answers = orders.map(order => {
        if (known.has(order.ticket.job)) return null
        try {
          beginOrder(scene, order)
          known.add(order.ticket.job)
          return null
        } catch (error) {
          return error as Error
        }
      })
      await commitScene(tx, scene)
      return answers
    }, 'passing')
  }

  /** Only where a fault could strike is anything written. */
  private async lose(replies: Reply[]): Promise<boolean[]> {
    const faults = await this.store.read(loadActiveFaults)
    if (!replies.some(({ serverId, vmIds }) => faults.of('reply-lost', serverId, ...vmIds))) return replies.map(() => false)
    return this.store.transact(async tx => {
      const now = await loadActiveFaults(tx)
      const lost = replies.map(({ serverId, vmIds }) => now.strike('reply-lost', serverId, ...vmIds))
      await tx.update(faultTable, [...now.changed].map(rowOf))
      return lost
    })
  }
}
