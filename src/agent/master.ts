import type { Greeting, GuestInspection, Membership, Newcomers, Notice, ServerFacts, StoredFiles, Survey, FetchOrder, LyingFiles } from '../host/ports.js'
import { Refusal } from '../model/errors.js'
import { groupBy } from '../model/group.js'
import type { AgentReply, AgentRequest, Enrolling, MemberLink, Mounts, PoolAgent, PoolReport, Rekeyed, Rekeying, Measured } from './protocol.js'
import type { TargetKind } from '../model/operations/row.js'

/**
 * The master role of a pool: the only agent the manager talks to; it dispatches to the members (seed, List 5).
 * Calls to members go out together, so that their servers work side by side; one that does not answer holds up nobody.
 */
export class MasterAgent implements PoolAgent {
  constructor(private readonly members: ReadonlyMap<string, MemberLink>, private readonly newcomers: Newcomers) {}

  dispatch(requests: readonly AgentRequest[]): Promise<AgentReply[]> {
    return Promise.all(requests.map(async (request): Promise<AgentReply> => {
      const asked = await this.ask(request.serverId, member => member.perform(request))
      return 'value' in asked ? asked.value : { job: request.job, answer: asked.refusal.code === 'agent.no-answer' ? 'no-answer' : 'unreachable', error: asked.refusal.fault }
    }))
  }

  async report(serverIds: readonly string[]): Promise<PoolReport> {
    const { answers, silent } = await this.askAll(serverIds, member => member.report())
    return { outcomes: answers.flatMap(answer => answer.outcomes), notices: answers.flatMap(answer => answer.notices), fetching: answers.flatMap(answer => answer.fetching), silent }
  }

  async acknowledge(done: readonly { job: string; serverId: string }[], notices: readonly Notice[]): Promise<void> {
    const jobs = groupBy(done, one => one.serverId)
    const heard = groupBy(notices, one => one.serverId)
    await this.askAll([...new Set([...jobs.keys(), ...heard.keys()])], (member, id) => member.acknowledge((jobs.get(id) ?? []).map(one => one.job), (heard.get(id) ?? []).map(one => one.id)))
  }

  known(jobs: readonly { job: string; serverId: string }[]): Promise<{ jobs: string[]; silent: string[] }> {
    return this.ofJobs(jobs, (member, of) => member.known(of))
  }

  abort(jobs: readonly { job: string; serverId: string }[]): Promise<{ jobs: string[]; silent: string[] }> {
    return this.ofJobs(jobs, (member, of) => member.abort(of))
  }

  /** Asks each server about its own jobs. */
  private async ofJobs(jobs: readonly { job: string; serverId: string }[], question: (member: MemberLink, jobs: string[]) => Promise<string[]>): Promise<{ jobs: string[]; silent: string[] }> {
    const byServer = groupBy(jobs, one => one.serverId)
    const { answers, silent } = await this.askAll([...byServer.keys()], (member, id) => question(member, byServer.get(id)!.map(one => one.job)))
    return { jobs: answers.flat(), silent }
  }

  async inspect(vmIds: readonly string[]): Promise<{ facts: GuestInspection[]; silent: string[] }> {
    const { answers, silent } = await this.askAll([...this.members.keys()], member => member.inspect(vmIds))
    const facts = new Map<string, GuestInspection>()
    for (const fact of answers.flat()) {
      const seen = facts.get(fact.vmId)
      if (!seen || (seen.serverId === null && fact.serverId !== null)) facts.set(fact.vmId, fact)
    }
    return { facts: [...facts.values()], silent }
  }

  meet(greeting: Greeting): Promise<ServerFacts> {
    return this.newcomers.meet(greeting)
  }

  enlist(greeting: Greeting, membership: Membership): Promise<void> {
    return this.newcomers.enlist(greeting, membership)
  }

  async describe(serverIds: readonly string[]): Promise<{ facts: ServerFacts[]; silent: string[] }> {
    const { answers, silent } = await this.askAll(serverIds, member => member.describe())
    return { facts: answers, silent }
  }

  async enrol(changes: readonly Enrolling[]): Promise<{ silent: string[] }> {
    const memberships = new Map(changes.map(({ serverId, membership }) => [serverId, membership]))
    const { silent } = await this.askAll([...memberships.keys()], (member, id) => member.enrol(memberships.get(id)!))
    return { silent }
  }

  async wipe(serverId: string, poolId: string): Promise<void> {
    const asked = await this.ask(serverId, member => member.wipe(poolId))
    if ('refusal' in asked) throw asked.refusal
  }

  async mounted(): Promise<{ mounts: Mounts[]; silent: string[] }> {
    const { answers, silent } = await this.askAll([...this.members.keys()], async (member, serverId): Promise<Mounts> => ({ serverId, repositories: await member.mounted() }))
    return { mounts: answers, silent }
  }

  async contents(repoId: string): Promise<StoredFiles[] | null> {
    for (const id of this.members.keys()) {
      const asked = await this.ask(id, member => member.contents(repoId))
      if ('value' in asked) return asked.value
    }
    return null
  }

  async survey(asked: readonly { serverId: string; password: string | null }[]): Promise<{ surveys: ({ serverId: string } & Survey)[]; silent: string[] }> {
    const passwords = new Map(asked.map(({ serverId, password }) => [serverId, password]))
    const { answers, silent } = await this.askAll([...passwords.keys()], async (member, serverId) => ({ serverId, ...(await member.survey(passwords.get(serverId)!)) }))
    return { surveys: answers, silent }
  }

  rekey(changes: readonly Rekeying[]): Promise<Rekeyed[]> {
    return Promise.all(changes.map(async (change): Promise<Rekeyed> => {
      const asked = await this.ask(change.serverId, member => member.rekey(change))
      return 'value' in asked ? asked.value : { serverId: change.serverId, error: asked.refusal.fault, same: false }
    }))
  }

  async measure(serverId: string, order: FetchOrder): Promise<Measured> {
    const asked = await this.ask(serverId, member => member.measure(order))
    return 'value' in asked ? asked.value : { error: asked.refusal.fault }
  }

  async stored(kinds: readonly TargetKind[]): Promise<LyingFiles[] | null> {
    for (const id of this.members.keys()) {
      const asked = await this.ask(id, member => member.stored(kinds))
      if ('value' in asked) return asked.value
    }
    return null
  }

  private async askAll<T>(serverIds: readonly string[], question: (member: MemberLink, id: string) => Promise<T>): Promise<{ answers: T[]; silent: string[] }> {
    const asked = await Promise.all(serverIds.map(id => this.ask(id, question)))
    return { answers: asked.flatMap(one => ('value' in one ? [one.value] : [])), silent: serverIds.filter((_, at) => !('value' in asked[at]!)) }
  }

  private async ask<T>(id: string, question: (member: MemberLink, id: string) => Promise<T>): Promise<{ value: T } | { refusal: Refusal }> {
    const member = this.members.get(id)
    if (!member) return { refusal: new Refusal('agent.unreachable', `server ${id} is no member of this pool`, 'pool show lists its servers') }
    try {
      return { value: await question(member, id) }
    } catch (error) {
      if (error instanceof Refusal && (error.code === 'agent.unreachable' || error.code === 'agent.no-answer')) return { refusal: error }
      throw error
    }
  }
}
