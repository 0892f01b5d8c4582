import type { InferOutput } from 'valibot'
import type { Fault } from '../model/errors.js'
import type { RunState } from '../model/object-states.js'
import type { HealthCheck } from './farms.js'
import type { RecordData } from './fields.js'
import type { AbortRequest, ChangeRequest, CheckRequest, ClockRequest, ConsoleRequest, DiscoverRequest, FarmRequest, FollowRequest, JobWaitRequest, ListRequest, MayRequest, ReportRequest, ResumeRequest, RetryRequest, RunRequest, ShowRequest, SuggestRequest, UndoRequest, WaitRequest, AgentLogRequest, NamedServersRequest } from './requests.js'
import type { consoleShape } from './shapes/console.js'
import type { discoveredShape } from './shapes/discovered.js'
import type { clockReadingShape, farmStatusShape, farmTopologyShape } from './shapes/farm.js'
import type { agentLogShape, serverNicShape, serverRepoShape } from './shapes/servers.js'
import type { reportItemShape, reportShape } from './shapes/report.js'
import type { accountShape, permittedShape } from './shapes/who.js'

/** Version of the port; a client refuses a manager of another major. */
export const contractVersion = 1

/**
 * A page of a list. The records cross the port as JSON text of an array, each holding the fields asked for in contract
 * order: a client that prints JSON passes them on unread (docs/decisions/0003).
 */
export interface Page {
  json: string
  count: number
  /** where the next page begins; null when this was the last */
  cursor: string | null
  /** for one who follows: where he goes on after this page; null unless he asked, and for kinds that cannot be followed */
  position: string | null
}

/** Where the records stand, for one who follows. */
export interface ChangeNotice {
  /** another text whenever the records, or the farm's time, may have changed; one that the manager does not know counts as another */
  revision: string
  /** whether it is another revision than the one asked from */
  changed: boolean
  farm: string
  /** the farm's clock as of the revision */
  time: string
}

/** Jobs after a wait for them. */
export interface JobsWaited {
  /** whole records, in the order named */
  records: RecordData[]
  /** why some of them have not ended; null when all have */
  gaveUp: Fault | null
}

/** Where the console of a guest is. */
export type Console = InferOutput<typeof consoleShape>

/** One target of a run in its report. */
export type ReportItem = InferOutput<typeof reportItemShape>

/** The report of an acting verb. */
export type Report = InferOutput<typeof reportShape>

/** A run that was handed over. */
export interface RunHandle {
  run: string
  farm: string
  state: RunState
  revision: number
  total: number
  /** it is that of an earlier request with this key: whoever asked only follows it; left out where it is his own */
  joined?: boolean
}

/** How far a run has come. */
export interface RunProgress extends Omit<RunHandle, 'joined'> {
  settled: number
}

/** The state of a whole farm. */
export type FarmStatus = InferOutput<typeof farmStatusShape>

/** What a drawing of the farm shows. */
export type FarmTopology = InferOutput<typeof farmTopologyShape>

/** Who acts, as the manager knows him. `pools` are those granted to him. */
export type Account = InferOutput<typeof accountShape>

/** Files that lie in a repository and are in no record. */
export type Discovered = InferOutput<typeof discoveredShape>

/** Whether somebody may do something, and why. It is about permission alone: the state of the object may still forbid it. */
export type Permitted = InferOutput<typeof permittedShape>

/** A network card of a server. */
export type ServerNic = InferOutput<typeof serverNicShape>

/** A repository that a server has mounted. */
export type ServerRepo = InferOutput<typeof serverRepoShape>

/** What the agent of a server was told, and how it ended. */
export type AgentLog = InferOutput<typeof agentLogShape>

/** What moving the clock did. */
export type ClockReading = InferOutput<typeof clockReadingShape>

/**
 * The Manager port: plain data in and out, nothing else crosses. Embedded a call is a function call, over SOAP one request.
 * Every method rejects with a Refusal for what is expected to go wrong; anything else is a defect.
 */
export interface Manager {
  /** One page of the records of a kind, filtered, sorted and cut by the manager. */
  list(request: ListRequest): Promise<Page>
  /** Whole records by name, id or pool/name, in that order. */
  show(request: ShowRequest): Promise<RecordData[]>
  /** Holds records against what servers say, and tells of each what was found; reads only. @throws Refusal not-found.*, usage.ambiguous */
  check(request: CheckRequest): Promise<HealthCheck[]>
  /** Where the console of a guest is; its password only for those who may change the guest. Reads only. @throws Refusal not-found.vm, usage.ambiguous, vm.state, auth.denied */
  console(request: ConsoleRequest): Promise<Console>
  /** The network cards of servers that answer, with their bridges and what goes over them; reads only. @throws Refusal not-found.server, agent.unreachable where none answers */
  serverNetwork(request: NamedServersRequest): Promise<ServerNic[]>
  /** What servers have mounted, the root first; reads only. @throws Refusal not-found.server, agent.unreachable where one does not answer */
  serverRepos(request: NamedServersRequest): Promise<ServerRepo[]>
  /** What a server's agent was told, and how it ended, as lines of a log; reads only. @throws Refusal not-found.server, auth.denied */
  agentLog(request: AgentLogRequest): Promise<AgentLog>
  /** Who acts; reads only. */
  whoAmI(request: FarmRequest): Promise<Account>
  /** Whether the principal may do something; reads only. @throws Refusal not-found.*, usage.ambiguous for an object that does not exist for him */
  mayI(request: MayRequest): Promise<Permitted>
  /**
   * Names that begin so, for completion, in the order of their characters; where there are more than the limit the last is the
   * very last of all, so that what all of them begin with is not guessed. Only reads: what is recorded, settling nothing.
   */
  suggest(request: SuggestRequest): Promise<string[]>
  /** Holds records against what servers say, and tells of each what was found; reads only. @throws Refusal not-found.*, usage.ambiguous */
  check(request: CheckRequest): Promise<HealthCheck[]>
  /** What lies in repositories and could be registered, in the order of pools and names; reads only. */
  discover(request: DiscoverRequest): Promise<Discovered[]>
  farmStatus(request: FarmRequest): Promise<FarmStatus>
  farmTopology(request: FarmRequest): Promise<FarmTopology>
  /** Resolves, guards and records a run; with noWait or dryRun it comes back already ended as far as the caller is concerned. */
  startRun(request: RunRequest): Promise<RunHandle>
  /** Takes an interrupted run up where it was cut: nothing is done twice, what is uncertain is read back. */
  resumeRun(request: ResumeRequest): Promise<RunHandle>
  /** A new run over what failed or was not attempted in another. */
  retryRun(request: RetryRequest): Promise<RunHandle>
  /**
   * A new run that takes back what another really changed. Until it is confirmed it is refused, and details say what cannot be taken
   * back. @throws Refusal not-found.run, auth.denied, guard.confirm, undo.impossible, lease.held
   */
  undoRun(request: UndoRequest): Promise<RunHandle>
  /** Comes back when the run has moved on from the revision, or ended. */
  followRun(request: FollowRequest): Promise<RunProgress>
  runReport(request: ReportRequest): Promise<Report>
  waitForVms(request: WaitRequest): Promise<Report>
  /** Comes back when every job has ended, the deadline passed, or nothing that is due can end them. */
  waitForJobs(request: JobWaitRequest): Promise<JobsWaited>
  /** Aborts jobs and waits for them: what had not begun never does, what is under way is undone, or ends where that is too late. @throws Refusal not-found.job, auth.denied, job.ended */
  abortJobs(request: AbortRequest): Promise<JobsWaited>
  /**
   * Comes back when the records may have changed since a revision; at the latest after a while, or with stopAwaiting. What no
   * command sees to is seen to meanwhile: a clock with a rate goes on, what servers have to tell is recorded. A clock that
   * stands is never moved, and live commands are never held up.
   */
  awaitChange(request: ChangeRequest): Promise<ChangeNotice>
  /** Lets every awaitChange that is under way come back at once (Ctrl-C). */
  stopAwaiting(request: FarmRequest): Promise<void>
  moveClock(request: ClockRequest): Promise<ClockReading>
  /** Asks the manager to begin nothing more of a run; what is under way is recorded (the first Ctrl-C). Who only `follows` it is let go, and the run goes on. */
  interruptRun(request: ReportRequest): Promise<void>
  close(): Promise<void>
}
