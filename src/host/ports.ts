import type { Fault } from '../model/errors.js'
import type { ServerRole, StorageKind, ServerNetwork } from '../model/object-states.js'
import type { QosClass, RepositoryKind } from '../model/repositories.js'
import type { ImportedFiles } from '../model/imported.js'
import type { VmType } from '../model/object-states.js'
import type { TargetKind } from '../model/operations/row.js'
import type { VmState } from '../model/vm-states.js'

/** What a hypervisor needs to know of a guest to run it: the vm.cfg of Oracle VM, as far as it is used. */
export interface GuestConfig {
  id: string
  name: string
  type: 'pv' | 'hvm'
  memoryMiB: number
  vcpus: number
}

/** What a server reports of a guest. */
export interface GuestFacts {
  vmId: string
  state: VmState
  serverId: string | null
  domainId: number | null
  vncPort: number | null
  startedAtMs: number | null
}

/** What a server knows of a guest when it is asked: what it reports, and what the guest takes of it. */
export interface GuestInspection extends GuestFacts {
  /** memory and virtual CPUs of its domain; null where it has none */
  memoryMiB: number | null
  vcpus: number | null
  /** MiB that its files take in a repository; null: they are not there, or not whole */
  filesMiB: number | null
}

/** How work on a guest ended: an activity of the world has the identity of its job, so it is found again after a crash. */
export interface Outcome {
  job: string
  serverId: string
  endedAtMs: number
  error: Fault | null
  facts: GuestFacts
  /** what files came, of work that fetched them */
  came?: ImportedFiles
}

/** How far the fetching of files is that is under way; null: how much there is nobody said. */
export interface FetchProgress { job: string; doneBytes: number; totalBytes: number | null }

/** Something that happened to a server or its guests by itself; it stays to be told until it is acknowledged. */
export interface Notice {
  id: number
  serverId: string
  /** the guest it happened to; null: the server itself */
  vmId: string | null
  atMs: number
  what: 'guest-crashed' | 'server-back' | 'agent-back' | 'power-lost'
}

/** How a shutdown is to go; the durations in milliseconds. */
export interface ShutdownManner {
  force: boolean
  graceMs: number
  forceAfterMs: number | null
}

/** The identity of a piece of work, and the session that waits for it (null: nobody does). */
export interface WorkTicket {
  job: string
  session: string | null
}

/**
 * The hypervisor of one server. The changing calls come back when the work has durably begun; asking again with the same
 * job changes nothing. @throws Refusal when the work cannot begin
 */
export interface Hypervisor {
  create(ticket: WorkTicket, guest: GuestConfig): Promise<void>
  shutdown(ticket: WorkTicket, vmId: string, manner: ShutdownManner): Promise<void>
  reboot(ticket: WorkTicket, vmId: string): Promise<void>
  pause(ticket: WorkTicket, vmId: string): Promise<void>
  unpause(ticket: WorkTicket, vmId: string): Promise<void>
  save(ticket: WorkTicket, vmId: string): Promise<void>
  restore(ticket: WorkTicket, guest: GuestConfig): Promise<void>
  migrate(ticket: WorkTicket, vmId: string, targetServerId: string): Promise<void>
  /** Gives a running guest other memory and virtual CPUs (`xm mem-set`, `xm vcpu-set`): at once, and never more than it booted with. */
  adjust(ticket: WorkTicket, guest: GuestConfig): Promise<void>
  /** Outcomes on this server that nobody has acknowledged yet. */
  outcomes(): Promise<Outcome[]>
  /** Forgets outcomes that are durably recorded elsewhere. */
  acknowledge(jobs: readonly string[]): Promise<void>
  /** Of these jobs, those that this server knows: under way, or ended and not acknowledged. */
  known(jobs: readonly string[]): Promise<string[]>
  /** Undoes work on guests and their files that is under way: it ends at once, as job.aborted, and leaves all as it was. What is too far on is let be; the jobs that were undone. */
  abort(jobs: readonly string[]): Promise<string[]>
  /** What is known here of these guests; a guest that is not here is left out. */
  inspect(vmIds: readonly string[]): Promise<GuestInspection[]>
  /** What happened here behind everybody's back and was not acknowledged yet, oldest first. */
  notices(): Promise<Notice[]>
  /** Forgets notices that are durably recorded elsewhere. */
  acknowledgeNotices(ids: readonly number[]): Promise<void>
}

/** A device or export that becomes a repository. */
export interface NewRepository { device: string; kind: RepositoryKind; uuid: string; qos: QosClass | null; sizeMiB: number; release: string }

/** Where files are to be fetched from, and what is known of them; holds secrets where an address does. */
export interface FetchOrder {
  kind: 'template' | 'image' | 'iso'
  source: { url: string } | { path: string }
  proxy: string | null
  checksum: string | null
  type: VmType | null
  os: string | null
}

/** Files of an object that lie whole in a repository, and what guest they are of. */
export interface LyingFiles extends ImportedFiles { objectId: string; kind: TargetKind; name: string; repoId: string }

/**
 * Work on the files of an object in repositories: `make` new ones, `copy` those of another object, `move` them to another
 * repository, `drop` them, `grow` or `shrink` them by one file more or less, `fetch` them from outside, `clear` whatever there is of
 * them, and end what fetches them; or on a repository itself: `extend` the pool by it (initialised, and mounted by every member), make
 * it the `root`, or `retire` it, which has to be empty. `sizeMiB` is the room that files take, or one of them more or less, of a fetch
 * the room that there is; `repoId` where they come to lie.
 */
export interface FileWork {
  what: 'make' | 'copy' | 'move' | 'drop' | 'grow' | 'shrink' | 'fetch' | 'clear' | 'extend' | 'root' | 'retire'
  objectId: string
  /** of what the files are */
  kind: TargetKind
  name: string
  poolId: string
  repoId: string
  sizeMiB: number
  /** whose files are copied */
  sourceId: string | null
  /** what the pool is extended by */
  repository?: NewRepository
  /** what is fetched */
  fetch?: FetchOrder
}

/** A repository that a server has mounted. */
export interface MountedRepository {
  id: string; device: string; kind: RepositoryKind; uuid: string; root: boolean; sizeMiB: number; freeMiB: number; mountPoint: string; folders: readonly string[]
  /** the hidden device that the cluster locks by where files alone could not be locked; null: it needs none */
  lockDevice: string | null
}

/** The files of an object in a repository; not `whole` while they are being made. */
export interface StoredFiles { objectId: string; sizeMiB: number; whole: boolean }

/**
 * The repositories as one server sees them. Work comes back when it has durably begun; asking again with the same job changes
 * nothing. How it ended the hypervisor of the server tells, among its outcomes. Work that fails leaves nothing partial.
 * @throws Refusal when the work cannot begin
 */
export interface Storage {
  begin(ticket: WorkTicket, work: FileWork): Promise<void>
  /** Removes the repositories of a pool, and all that lies in them: the pool is no more. */
  wipe(poolId: string): Promise<void>
  /** What the server has mounted. */
  mounted(): Promise<MountedRepository[]>
  /** What lies in a repository; nothing where it is not mounted. */
  contents(repoId: string): Promise<StoredFiles[]>
  /** How many bytes something has that could be fetched; null: it does not say. @throws Refusal import.* */
  measure(order: FetchOrder): Promise<number | null>
  /** How far what is being fetched is. */
  fetching(): Promise<FetchProgress[]>
  /** Files that lie whole in the repositories that the server has mounted, of some kinds. */
  stored(kinds: readonly TargetKind[]): Promise<LyingFiles[]>
}

/** Whether a server has power: `starting` until its agent is up. */
export type ServerPower = 'on' | 'starting' | 'off'

/** How work on a server's power, or its agent, ended. */
export interface PowerOutcome {
  job: string
  serverId: string
  endedAtMs: number
  error: Fault | null
  power: ServerPower
  agent: AgentService
}

/** Whether the agent of a server runs, as the server itself can tell; whether it answers is another matter. */
export type AgentService = 'running' | 'stopped'

/**
 * The management port of one server: its controller, which answers even while the server is off, and reaches the service of the
 * agent even while that is down (model.md, the exception of rule 6; docs/decisions/0022). The changing calls come back when the work has durably begun; asking again with the same job changes nothing.
 * @throws Refusal agent.refused when the server's power is so already, or changing
 */
export interface PowerPort {
  /** Switches the server on and boots it. */
  on(ticket: WorkTicket): Promise<void>
  /** Shuts the server down; guests that still run there go down with it at the end. */
  off(ticket: WorkTicket): Promise<void>
  /** Off and on again, also when the server hangs. */
  cycle(ticket: WorkTicket): Promise<void>
  startAgent(ticket: WorkTicket): Promise<void>
  stopAgent(ticket: WorkTicket): Promise<void>
  restartAgent(ticket: WorkTicket): Promise<void>
  status(): Promise<ServerPower>
  /** Whether the agent runs; on a server that is not up it does not. */
  agent(): Promise<AgentService>
  /** Outcomes on this server that nobody has acknowledged yet. */
  outcomes(): Promise<PowerOutcome[]>
  /** Forgets outcomes that are durably recorded elsewhere. */
  acknowledge(jobs: readonly string[]): Promise<void>
  /** Of these jobs, those that this controller knows: under way, or ended and not acknowledged. */
  known(jobs: readonly string[]): Promise<string[]>
}

/** What a server says of itself. */
export interface ServerFacts {
  serverId: string | null
  address: string
  cpuFamily: string
  cpuModel: string
  cores: number
  memoryMiB: number
  hvm: boolean
  release: string
  agentVersion: string
  /** the manager that owns it, by name, and the pool that it is in, by id; null: none */
  owner: string | null
  poolId: string | null
  /** what it is in that pool */
  name: string
  roles: ServerRole[]
}

/** Where a server is met that is in no pool yet, and the password of its agent; null: none is given. */
export interface Greeting { address: string; password: string | null }

/** What a server is in a pool: its agent keeps it, and a server that was installed anew has lost it. */
export interface Membership { serverId: string; name: string; poolId: string; owner: string; roles: readonly ServerRole[] }

/** A disk that a root repository was made on, and the release of the server that made it. */
export interface RootDisk { device: string; sizeMiB: number; release: string }

/** Servers at their addresses on the network, members of a pool or not. @throws Refusal agent.unreachable, agent.password */
export interface Newcomers {
  /** Asks the server at an address what it is; changes nothing. */
  meet(greeting: Greeting): Promise<ServerFacts>
  /** Makes it a member of a pool, whoever owned it before; asking again changes nothing. */
  enlist(greeting: Greeting, membership: Membership): Promise<void>
  /** Lets a member, the first of its pool, make the root repository; asking again with the same id changes nothing. */
  makeRoot(greeting: Greeting, root: { repoId: string; uuid: string; poolId: string; storage: StorageKind }): Promise<RootDisk>
}

/** What the agent of one server keeps of the pool that it is in. */
export interface Enrolment {
  facts(): Promise<ServerFacts>
  /** Writes it anew; null: it is in none, and nobody's. */
  enrol(membership: Membership | null): Promise<void>
}

/** A network card of a server, and the bridge that guests reach it by. */
export interface NicFacts {
  name: string
  mac: string
  speedMbit: number
  /** of dom0; null: it has none there */
  address: string | null
  bridge: string
  /** what of dom0 hangs on the bridge (2.1: the card as `pethN`, and the end of dom0's own card; 2.2: the card itself) */
  interfaces: string[]
  /** what goes over it beside the traffic of guests */
  networks: ServerNetwork[]
}

/** What a server says of itself when it is looked into: who it is, its clock, its network, what runs there. */
export interface Survey {
  facts: ServerFacts
  roles: ServerRole[]
  clockMs: number
  nics: NicFacts[]
  domains: { vmId: string; state: VmState; memoryMiB: number }[]
  /** whether its agent takes the password of whoever asks: `any`, it wants none; `also-former`, another as well, until it is told that the change is recorded */
  password: 'any' | 'taken' | 'also-former' | 'refused'
}

/** Looks into one server; reads only. @param password of its agent, as whoever asks knows it; null: he knows none */
export interface Surveyor {
  survey(password: string | null): Promise<Survey>
}

/**
 * The password of a server's agent, changed in two steps, so that whoever asks and the agent never differ: it is `offer`ed, and taken
 * beside the one before until it is `settle`d or withdrawn. Asking again with the same job changes nothing.
 */
export interface AgentKeys {
  /** Whether it is the one it has already. @param dry only says what would come of it @throws Refusal agent.password when `old` is not what it has */
  offer(change: { job: string; old: string | null; next: string }, dry: boolean): Promise<{ same: boolean }>
  settle(job: string): Promise<void>
  withdraw(job: string): Promise<void>
}

/** The ports of one server. */
export interface HostPorts {
  readonly serverId: string
  readonly hypervisor: Hypervisor
  readonly storage: Storage
  readonly power: PowerPort
  readonly enrolment: Enrolment
  readonly surveyor: Surveyor
  readonly keys: AgentKeys
}

/** What came of waiting: the time it is now, and the servers on which something ended or happened. */
export interface Moment {
  nowMs: number
  serverIds: string[]
  /** nothing is due any more and no other live session can bring anything about, so waiting longer would be endless */
  idle: boolean
}

/** How somebody waits. */
export interface WaitManner {
  signal?: AbortSignal
  /** whether others did what the waiting command waits for: it listens to what others do */
  news?: (() => Promise<boolean>) | undefined
  /** this command ended or began something since it last waited: whoever listens gets a turn before time moves */
  stirred?: boolean
}

/** Time. On a simulated farm it moves only by waiting (or with the wall clock, at a rate). */
export interface Clock {
  nowMs(): Promise<number>
  /** A session holds the clock while it is busy, so that nobody moves time past what it still has to begin or to notice. */
  openSession(): Promise<string>
  closeSession(session: string): Promise<void>
  /**
   * Waits until something ends or happens, or until a time. When the signal aborts it ends at once, with the time it is, no
   * servers, and not idle; the session holds the clock again. So it ends where `news` says that there is something to do, which
   * is asked whenever the world changed, and before time moves past the moment at which others did what is waited for.
   */
  wait(session: string, untilMs: number | null, how?: WaitManner): Promise<Moment>
  /** Of these sessions, those whose process still lives. */
  living(sessions: readonly string[]): Promise<string[]>
}
