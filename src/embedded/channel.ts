import { MasterAgent } from '../agent/master.js'
import { MemberAgent } from '../agent/member.js'
import type { AgentRequest, MemberLink, PoolAgent } from '../agent/protocol.js'
import { Refusal } from '../model/errors.js'
import type { HostPorts, Newcomers } from '../host/ports.js'

/** What a simulated network does to a channel. */
export interface Reach {
  /** Whether anything stands between the manager and its agents now: mostly nothing does, and nobody has to be asked one by one. */
  isTroubled(): Promise<boolean>
  /** Whether the agent of a server answers at all. */
  answers(serverId: string): Promise<boolean>
  /** Whether this answer of a server, about these guests, is lost on its way. */
  losesReply(serverId: string, vmIds: readonly string[]): Promise<boolean>
}

/** How often a question is asked again when its answer was lost: every question and every job bears asking twice. */
const tries = 3

/** The channels of a pool: from the manager to its master, and from there to every member. */
export function poolChannel(reach: Reach, masterId: string | null, hosts: readonly { name: string; ports: HostPorts }[], newcomers: Newcomers): PoolAgent {
  const master = new MasterAgent(new Map(hosts.map(({ name, ports }) => [ports.serverId, memberChannel(reach, name, ports)])), newcomers)
  const plain = new MasterAgent(new Map(hosts.map(({ ports }) => [ports.serverId, new MemberAgent(ports)])), newcomers)
  const masterName = hosts.find(({ ports }) => ports.serverId === masterId)?.name ?? 'of the pool'
  const through = async <T>(work: (master: PoolAgent) => Promise<T>): Promise<T> => {
    if (masterId !== null && !(await reach.isTroubled())) return work(plain)
    if (masterId === null || !(await reach.answers(masterId))) throw unreachable(`${masterName}, the pool's master,`)
    return work(master)
  }
  return {
    dispatch: requests => through(agent => agent.dispatch(requests)), report: serverIds => through(agent => agent.report(serverIds)), acknowledge: (done, notices) => through(agent => agent.acknowledge(done, notices)),
    known: jobs => through(agent => agent.known(jobs)), abort: jobs => through(agent => agent.abort(jobs)), inspect: vmIds => through(agent => agent.inspect(vmIds)),
    meet: greeting => through(agent => agent.meet(greeting)), enlist: (greeting, membership) => through(agent => agent.enlist(greeting, membership)),
    describe: serverIds => through(agent => agent.describe(serverIds)), enrol: changes => through(agent => agent.enrol(changes)), wipe: (serverId, poolId) => through(agent => agent.wipe(serverId, poolId)),
    mounted: () => through(agent => agent.mounted()), contents: repoId => through(agent => agent.contents(repoId)),
    survey: asked => through(agent => agent.survey(asked)), rekey: changes => through(agent => agent.rekey(changes)),
    measure: (serverId, order) => through(agent => agent.measure(serverId, order)), stored: kinds => through(agent => agent.stored(kinds)),
  }
}

function memberChannel(reach: Reach, name: string, host: HostPorts): MemberLink {
  const member = new MemberAgent(host)
  const { serverId } = host
  const through = async <T>(vmIds: readonly string[], work: () => Promise<T>): Promise<T> => {
    for (let asked = 0; asked < tries; asked++) {
      // Once it was asked, it may have done so, though it fell silent since.
      if (!(await reach.answers(serverId))) throw asked === 0 ? unreachable(name) : noAnswer(name, asked)
      const answer = await work()
      if (!(await reach.losesReply(serverId, vmIds))) return answer
    }
    throw noAnswer(name, tries)
  }
  return {
    perform: request => through(guestsOf(request), () => member.perform(request)),
    report: async () => {
      const report = await through([], () => member.report())
      // An answer may be lost for one guest alone: then the rest of what there is to tell arrives.
      const lost = await Promise.all(report.outcomes.map(async ({ facts }) => reach.losesReply(serverId, [facts.vmId])))
      return { ...report, outcomes: report.outcomes.filter((_, at) => !lost[at]) }
    },
    acknowledge: (jobs, notices) => through([], () => member.acknowledge(jobs, notices)), known: jobs => through([], () => member.known(jobs)), abort: jobs => through([], () => member.abort(jobs)), inspect: vmIds => through([], () => member.inspect(vmIds)),
    describe: () => through([], () => member.describe()), enrol: membership => through([], () => member.enrol(membership)), wipe: poolId => through([], () => member.wipe(poolId)),
    mounted: () => through([], () => member.mounted()), contents: repoId => through([], () => member.contents(repoId)),
    survey: password => through([], () => member.survey(password)), rekey: change => through([], () => member.rekey(change)),
    measure: order => through([], () => member.measure(order)), stored: kinds => through([], () => member.stored(kinds)),
  }
}

function guestsOf(request: AgentRequest): string[] {
  return 'guest' in request ? [request.guest.id] : 'work' in request ? [request.work.objectId] : []
}

function noAnswer(server: string, asked: number): Refusal {
  return new Refusal('agent.no-answer', `server ${server} was asked ${asked === 1 ? 'once' : `${asked} times`}, and no answer came`, 'server list shows how it is')
}

function unreachable(server: string): Refusal {
  return new Refusal('agent.unreachable', `the agent of server ${server} does not answer`, 'server list shows how it is')
}
