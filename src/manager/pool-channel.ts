import type { AgentReply, AgentRequest, Mounts, PoolAgent, PoolReport, Enrolling, Rekeyed, Rekeying } from '../agent/protocol.js'
import type { GuestInspection, StoredFiles, Survey, LyingFiles } from '../host/ports.js'
import { Refusal } from '../model/errors.js'
import { groupBy } from '../model/group.js'
import type { TargetKind } from '../model/operations/row.js'
import type { Parts } from './parts.js'

/** Changes for the masters of their pools. A master that does not answer is an answer too: all it was to pass on is unreachable, or in doubt. */
export async function dispatchAll(parts: Parts, requests: readonly { poolId: string; request: AgentRequest }[]): Promise<AgentReply[]> {
  const byPool = groupBy(requests, one => one.poolId)
  const replies = await Promise.all([...byPool].map(async ([poolId, of]) => {
    const asked = await ask(parts, poolId, master => master.dispatch(of.map(one => one.request)))
    if ('value' in asked) return asked.value
    return of.map(({ request }): AgentReply => ({ job: request.job, answer: asked.refusal.code === 'agent.no-answer' ? 'no-answer' : 'unreachable', error: asked.refusal.fault }))
  }))
  return replies.flat()
}

/** What servers have to tell, by their pools' masters; where a master is silent, so are its servers. */
export async function reportAll(parts: Parts, servers: readonly { id: string; poolId: string }[]): Promise<PoolReport> {
  const byPool = groupBy(servers, server => server.poolId)
  const reports = await Promise.all([...byPool].map(async ([poolId, of]): Promise<PoolReport> => {
    const ids = of.map(server => server.id)
    const asked = await ask(parts, poolId, master => master.report(ids))
    return 'value' in asked ? asked.value : { outcomes: [], notices: [], fetching: [], silent: ids }
  }))
  return { outcomes: reports.flatMap(report => report.outcomes), notices: reports.flatMap(report => report.notices), fetching: reports.flatMap(report => report.fetching), silent: reports.flatMap(report => report.silent) }
}

/** Lets the servers forget what is durably recorded. One that does not answer will tell it again, which is harmless. */
export async function acknowledgeAll(parts: Parts, { outcomes, notices }: PoolReport, poolOf: ReadonlyMap<string, string>): Promise<void> {
  const pools = new Set([...outcomes, ...notices].map(one => poolOf.get(one.serverId)!))
  await Promise.all([...pools].map(poolId => ask(parts, poolId, master => master.acknowledge(
    outcomes.filter(one => poolOf.get(one.serverId) === poolId).map(({ job, serverId }) => ({ job, serverId })), notices.filter(one => poolOf.get(one.serverId) === poolId)))))
}

/** Of jobs on servers, those that are known there; `silent` names the servers that could not say. */
export async function knownJobs(parts: Parts, jobs: readonly { job: string; serverId: string; poolId: string }[]): Promise<{ jobs: Set<string>; silent: Set<string> }> {
  const answers = await Promise.all([...groupBy(jobs, one => one.poolId)].map(async ([poolId, of]) => {
    const asked = await ask(parts, poolId, master => master.known(of))
    return 'value' in asked ? asked.value : { jobs: [], silent: of.map(one => one.serverId) }
  }))
  return { jobs: new Set(answers.flatMap(answer => answer.jobs)), silent: new Set(answers.flatMap(answer => answer.silent)) }
}

/** Undoes jobs on servers, where these still can; the jobs that were undone. */
export async function abortJobs(parts: Parts, jobs: readonly { job: string; serverId: string; poolId: string }[]): Promise<Set<string>> {
  const answers = await Promise.all([...groupBy(jobs, one => one.poolId)].map(async ([poolId, of]) => {
    const asked = await ask(parts, poolId, master => master.abort(of))
    return 'value' in asked ? asked.value.jobs : []
  }))
  return new Set(answers.flat())
}

/** What the servers of their pools really report of guests; a guest that no server knows is left out. */
export async function inspectGuests(parts: Parts, guests: readonly { id: string; poolId: string }[]): Promise<Map<string, GuestInspection>> {
  const answers = await Promise.all([...groupBy(guests, guest => guest.poolId)].map(async ([poolId, of]) => {
    const asked = await ask(parts, poolId, master => master.inspect(of.map(guest => guest.id)))
    return 'value' in asked ? asked.value.facts : []
  }))
  return new Map(answers.flat().map(fact => [fact.vmId, fact]))
}

/** What the servers of a pool have mounted; those that do not answer are left out. */
export async function mountedIn(parts: Parts, poolId: string): Promise<Mounts[]> {
  const asked = await ask(parts, poolId, master => master.mounted())
  return 'value' in asked ? asked.value.mounts : []
}

/** What lies in a repository of a pool; null where no server can tell. */
export async function contentsIn(parts: Parts, poolId: string, repoId: string): Promise<StoredFiles[] | null> {
  const asked = await ask(parts, poolId, master => master.contents(repoId))
  return 'value' in asked ? asked.value : null
}

/** Files of some kinds that lie in the repositories of a pool. @throws Refusal agent.unreachable */
export async function storedIn(parts: Parts, poolId: string, kinds: readonly TargetKind[]): Promise<LyingFiles[]> {
  const asked = await ask(parts, poolId, master => master.stored(kinds))
  const files = 'value' in asked ? asked.value : null
  if (files) return files
  throw 'refusal' in asked ? asked.refusal : new Refusal('agent.unreachable', 'no server of the pool answers, so what lies in its repositories nobody can tell', 'server list shows which do not answer')
}

/** Looks into servers, by the masters of their pools; those that do not answer are left out. */
export async function surveyAll(parts: Parts, servers: readonly { id: string; poolId: string; password: string | null }[]): Promise<Map<string, Survey>> {
  const answers = await Promise.all([...groupBy(servers, server => server.poolId)].map(async ([poolId, of]) => {
    const asked = await ask(parts, poolId, master => master.survey(of.map(({ id, password }) => ({ serverId: id, password }))))
    return 'value' in asked ? asked.value.surveys : []
  }))
  return new Map(answers.flat().map(survey => [survey.serverId, survey]))
}

/** Changes the passwords of agents by a step; where a master does not answer, none of its servers does. */
export async function rekeyAll(parts: Parts, changes: readonly { poolId: string; change: Rekeying }[]): Promise<Map<string, Rekeyed>> {
  const answers = await Promise.all([...groupBy(changes, one => one.poolId)].map(async ([poolId, of]) => {
    const asked = await ask(parts, poolId, master => master.rekey(of.map(one => one.change)))
    return 'value' in asked ? asked.value : of.map(({ change: { serverId } }): Rekeyed => ({ serverId, error: asked.refusal.fault, same: false }))
  }))
  return new Map(answers.flat().map(answer => [answer.serverId, answer]))
}

/** Writes anew what servers of a pool are in it, as far as they can be reached. */
export async function enrolAll(parts: Parts, poolId: string, changes: readonly Enrolling[]): Promise<void> {
  await ask(parts, poolId, master => master.enrol(changes))
}

function ask<T>(parts: Parts, poolId: string, question: (master: PoolAgent) => Promise<T>): Promise<{ value: T } | { refusal: Refusal }> {
  return answered(async () => question(await parts.masters.of(poolId)))
}

/** What an agent answers, or that it does not. */
export async function answered<T>(question: () => Promise<T>): Promise<{ value: T } | { refusal: Refusal }> {
  try {
    return { value: await question() }
  } catch (error) {
    if (error instanceof Refusal && (error.code === 'agent.unreachable' || error.code === 'agent.no-answer')) return { refusal: error }
    throw error
  }
}
