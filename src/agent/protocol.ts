import type { FileWork, Greeting, GuestConfig, GuestInspection, Membership, MountedRepository, Notice, Outcome, ServerFacts, ShutdownManner, StoredFiles, Survey, FetchOrder, FetchProgress, LyingFiles } from '../host/ports.js'
import type { Fault } from '../model/errors.js'
import type { TargetKind } from '../model/operations/row.js'

/** A change of a guest that the manager asks of a pool's master. */
export interface GuestRequest {
  job: string
  session: string | null
  serverId: string
  operation: 'vm.start' | 'vm.stop' | 'vm.reboot' | 'vm.pause' | 'vm.unpause' | 'vm.suspend' | 'vm.resume' | 'vm.migrate' | 'vm.update'
  guest: GuestConfig
  targetServerId: string | null
  manner: ShutdownManner
}

/** A change of a server itself that is up: its agent shuts it down, or boots it anew, or does the same to itself. */
export interface ServerRequest {
  job: string
  session: string | null
  serverId: string
  operation: 'server.stop' | 'server.restart' | 'agent.stop' | 'agent.restart'
}

/** Work on files that a utility server does (seed, List 5: it creates, copies, moves, removes). */
export interface FileRequest {
  job: string
  session: string | null
  serverId: string
  operation: 'files'
  work: FileWork
}

/** One change that the manager asks of a pool's master. */
export type AgentRequest = GuestRequest | ServerRequest | FileRequest

/**
 * What came back: `begun`; `refused`, with the reason; `unreachable`: it was not asked at all; `no-answer`: it was asked, and
 * nobody knows what came of it. Asking again with the same job changes nothing, so after no answer that is what to do.
 */
export interface AgentReply {
  job: string
  answer: 'begun' | 'refused' | 'unreachable' | 'no-answer'
  error: Fault | null
}

/** What a pool's servers have to tell, and which of those asked did not answer. */
export interface PoolReport { outcomes: Outcome[]; notices: Notice[]; /** how far fetches are that are under way */ fetching: FetchProgress[]; silent: string[] }

/** How many bytes something outside has (null: it does not say), or why it cannot be had. */
export type Measured = { bytes: number | null } | { error: Fault }

/** What the manager says to a pool's master, and nobody else (model.md, rule 6); what the wire carries later. */
export interface PoolAgent {
  dispatch(requests: readonly AgentRequest[]): Promise<AgentReply[]>
  report(serverIds: readonly string[]): Promise<PoolReport>
  acknowledge(done: readonly { job: string; serverId: string }[], notices: readonly Notice[]): Promise<void>
  /** Of these jobs, those that their servers know, and which of the servers did not answer. */
  known(jobs: readonly { job: string; serverId: string }[]): Promise<{ jobs: string[]; silent: string[] }>
  /** Undoes jobs that are under way, where their servers still can; those that were undone, and which of the servers did not answer. */
  abort(jobs: readonly { job: string; serverId: string }[]): Promise<{ jobs: string[]; silent: string[] }>
  /** What the servers of the pool know of guests, and which of the servers did not answer. */
  inspect(vmIds: readonly string[]): Promise<{ facts: GuestInspection[]; silent: string[] }>
  /** What the servers of the pool have mounted, and which of them did not answer. */
  mounted(): Promise<{ mounts: Mounts[]; silent: string[] }>
  /** What lies in a repository, as the first server sees it that answers; null where none does. */
  contents(repoId: string): Promise<StoredFiles[] | null>
  /** What the server at an address is, that is to join the pool; changes nothing. @throws Refusal agent.unreachable, agent.password */
  meet(greeting: Greeting): Promise<ServerFacts>
  /** Makes it a member; asking again changes nothing. @throws Refusal agent.unreachable, agent.password */
  enlist(greeting: Greeting, membership: Membership): Promise<void>
  /** What servers of the pool say of themselves, and which of them did not answer. */
  describe(serverIds: readonly string[]): Promise<{ facts: ServerFacts[]; silent: string[] }>
  /** Writes anew what servers of the pool are in it (null: nobody's); which of them did not answer. */
  enrol(changes: readonly Enrolling[]): Promise<{ silent: string[] }>
  /** Lets a server of the pool remove its repositories with all that lies in them. @throws Refusal agent.unreachable, agent.no-answer */
  wipe(serverId: string, poolId: string): Promise<void>
  /** Looks into servers of the pool; which of them did not answer. `password`: of the agent there, as the manager knows it. */
  survey(asked: readonly { serverId: string; password: string | null }[]): Promise<{ surveys: ({ serverId: string } & Survey)[]; silent: string[] }>
  /** Changes the passwords of agents by a step each. */
  rekey(changes: readonly Rekeying[]): Promise<Rekeyed[]>
  /** How big something is that a server could fetch. */
  measure(serverId: string, order: FetchOrder): Promise<Measured>
  /** The files of some kinds that lie in the repositories of the pool, as the first server sees them that answers; null where none does. */
  stored(kinds: readonly TargetKind[]): Promise<LyingFiles[] | null>
}

/** The password of a server's agent is to be changed, in steps; `dry`: only what would come of it. */
export interface Rekeying { serverId: string; job: string; step: 'offer' | 'settle' | 'withdraw'; old: string | null; next: string; dry?: boolean }
/** What came of a step: why not, and whether it is the password that the agent has already. */
export interface Rekeyed { serverId: string; error: Fault | null; same: boolean }

/** What a server is to be in its pool from now on; null: it is in none. */
export interface Enrolling { serverId: string; membership: Membership | null }

/** What one server has mounted. */
export interface Mounts { serverId: string; repositories: MountedRepository[] }

/** What a master says to one member of its pool. @throws Refusal agent.unreachable, agent.no-answer */
export interface MemberLink {
  perform(request: AgentRequest): Promise<AgentReply>
  report(): Promise<{ outcomes: Outcome[]; notices: Notice[]; fetching: FetchProgress[] }>
  acknowledge(jobs: readonly string[], notices: readonly number[]): Promise<void>
  known(jobs: readonly string[]): Promise<string[]>
  abort(jobs: readonly string[]): Promise<string[]>
  inspect(vmIds: readonly string[]): Promise<GuestInspection[]>
  mounted(): Promise<MountedRepository[]>
  contents(repoId: string): Promise<StoredFiles[]>
  describe(): Promise<ServerFacts>
  enrol(membership: Membership | null): Promise<void>
  wipe(poolId: string): Promise<void>
  survey(password: string | null): Promise<Survey>
  rekey(change: Rekeying): Promise<Rekeyed>
  measure(order: FetchOrder): Promise<Measured>
  stored(kinds: readonly TargetKind[]): Promise<LyingFiles[]>
}
