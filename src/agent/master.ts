import type { GuestFacts, Outcome } from '../host/ports.js'
import { groupBy } from '../model/group.js'
import type { MemberAgent } from './member.js'
import type { AgentReply, AgentRequest, PoolAgent } from './protocol.js'

/**
 * The master role of a pool: the only agent the manager talks to; it dispatches to the members (seed, List 5).
 * Calls to members go out together, so that their servers work side by side.
 */
export class MasterAgent implements PoolAgent {
  constructor(private readonly members: ReadonlyMap<string, MemberAgent>) {}

  dispatch(requests: readonly AgentRequest[]): Promise<AgentReply[]> {
    return Promise.all(requests.map(request => {
      const member = this.members.get(request.serverId)
      if (member) return member.perform(request)
      return { job: request.job, error: { code: 'agent.unreachable' as const, message: `server ${request.serverId} is no member of this pool`, hint: 'pool show lists its servers', details: null } }
    }))
  }

  async outcomes(serverIds: readonly string[]): Promise<Outcome[]> {
    const answers = await Promise.all(serverIds.map(id => this.members.get(id)?.outcomes() ?? []))
    return answers.flat()
  }

  async acknowledge(done: readonly { job: string; serverId: string }[]): Promise<void> {
    const byServer = groupBy(done, one => one.serverId)
    await Promise.all([...byServer].map(([serverId, ended]) => this.members.get(serverId)?.acknowledge(ended.map(one => one.job))))
  }

  async known(jobs: readonly string[]): Promise<string[]> {
    const answers = await Promise.all([...this.members.values()].map(member => member.known(jobs)))
    return answers.flat()
  }

  async inspect(vmIds: readonly string[]): Promise<GuestFacts[]> {
    const answers = await Promise.all([...this.members.values()].map(member => member.inspect(vmIds)))
    const facts = new Map<string, GuestFacts>()
    for (const fact of answers.flat()) {
      const seen = facts.get(fact.vmId)
      if (!seen || (seen.serverId === null && fact.serverId !== null)) facts.set(fact.vmId, fact)
    }
    return [...facts.values()]
  }
}
