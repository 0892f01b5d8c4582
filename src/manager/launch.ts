import type { AgentRequest } from '../agent/protocol.js'
import type { OperationOptions } from '../contract/requests.js'
import type { Fault } from '../model/errors.js'
import type { Occupancy } from '../model/limits.js'
import type { Expectations } from './expectation.js'
import type { AgentState, ServerState, RunState } from '../model/object-states.js'
import { operationRow, type RunOperation } from '../model/operations.js'
import type { Candidate } from '../model/placement.js'
import { formatTime } from '../model/units.js'
import type { VmState } from '../model/vm-states.js'
import type { Row } from '../store/store.js'
import type { Change } from './acts.js'
import type { Write } from './write.js'

/** A target that waits for its turn. */
export interface QueuedItem { ordinal: number; stage: number; targetId: string; name: string; poolId: string; job: string; /** what it is to be, and what is read to make it, where it is not there yet */ spec?: object; sourceId?: string | null; /** it is made, and starts now */ made?: boolean; /** its guests were moved away, or why some were not; `undo` gives the server back */ evacuated?: { blockers: Obstacle[]; undo: Row } }
/** Why something cannot be, and the smallest change that removes it: the blockers of a migration, or what else went wrong. */
export interface Obstacle { rule: string; message: string; fix: string }

/** The job that holds the lease of a target, and on whose behalf. */
export interface Holder { job: string; operation: RunOperation; options: OperationOptions; run: string; runState: RunState; detached: boolean; serverIds: string[] }

/** What launching knows of a guest. */
export interface LaunchVm {
  id: string; name: string; poolId: string; serverId: string | null; state: VmState; type: 'pv' | 'hvm'
  memoryMiB: number; vcpus: number; preferred: string[]; leasedBy: string | null
}

/** What launching knows of a pool. */
export interface LaunchPool { id: string; name: string; storage: 'local' | 'shared'; masterId: string | null; owner: string; servers: LaunchServer[] }
/** What launching knows of a server. */
export interface LaunchServer extends Candidate { poolId: string; pool: string; cpu: string; state: ServerState; agentState: AgentState; leasedBy: string | null; /** the run of the job that holds its lease */ leasedIn: string | null; inMaintenance: boolean }

/** What every launch looks at, whatever it launches. */
export interface LaunchLimits {
  nowMs: number
  /** how many may still begin under --parallel; Infinity without it */
  slots: number
  /** how many may still fail before nothing more is begun; Infinity without such a limit */
  failuresLeft: number
}

/** The state of things at one launch of changes of guests and servers. */
export interface LaunchScene extends LaunchLimits {
  vms: ReadonlyMap<string, LaunchVm>
  pools: ReadonlyMap<string, LaunchPool>
  servers: ReadonlyMap<string, LaunchServer>
  /** guests on servers that are to be emptied, or being emptied, by server */
  guestsOn: ReadonlyMap<string, LaunchVm[]>
  /** servers whose own turn to be emptied is still to come: no place for the guests of others where there is another */
  avoided: ReadonlySet<string>
  holders: ReadonlyMap<string, Holder>
  occupancy: Occupancy
}

/** What a run asks, as far as launching looks at it. */
export interface LaunchOrder { run: string; operation: RunOperation; options: OperationOptions; strict: boolean; finishByMs: number | null; expectations: Expectations }

type WithoutSession<T> = T extends unknown ? Omit<T, 'session'> : never
/** Who is asked to begin: the pool's master, or the management port of a server whose agent cannot be. */
export type Asked = { by: 'master'; request: WithoutSession<AgentRequest> } | { by: 'power'; way: 'on' | 'cycle' | 'agent-start' | 'agent-stop' | 'agent-restart' }

/** What becomes of a queued item now. */
export type LaunchStep =
  /** asked of somebody; `row` is written first, `undo` when it was refused; `places`: another server would do as well */
  | { item: QueuedItem; kind: 'begin'; asked: Asked; serverId: string; targetServerId: string | null; places: boolean; row: Row; undo: Row; files?: undefined }
  /** the same of work on files: `writes` go first, `undo` takes them back; `repoId` counts a copy against that repository, `before` is how the target was */
  | { item: QueuedItem; kind: 'begin'; asked: Asked; serverId: string; targetServerId: null; places: false; row?: undefined; undo?: undefined; files: { state: string; before: string | null; lease: string; repoId: string | null; sourceId: string | null; writes: Write[]; undo: Write[]; changes?: Change } }
  /** settled without asking anybody; `row` is written with it. What is done so is a change of records */
  | { item: QueuedItem; kind: 'settle'; result: 'done' | 'unchanged' | 'failed' | 'not-attempted'; error: Fault | null; state: string | null; joined?: string; row?: Row; change?: Change }
  /** left in the queue until the limits of the farm let it begin */
  | { item: QueuedItem; kind: 'wait' }
  /** another job holds the target; `same`: it does the very same */
  | { item: QueuedItem; kind: 'held'; holder: Holder; same: boolean; state: string }
  /** guests have to leave first */
  | { item: QueuedItem; kind: 'evacuate'; serverId: string; guests: LaunchVm[]; row: Row; undo: Row }

/**
 * Decides for the queued items of one pool, in order, what begins now. Pure but for the scene, from which it takes what it
 * reserves. Stops at the first item that must wait for a limit when those behind it would wait too.
 */
export function planLaunch<S extends LaunchLimits>(order: LaunchOrder, queue: readonly QueuedItem[], scene: S, decide: (order: LaunchOrder, item: QueuedItem, scene: S) => LaunchStep): LaunchStep[] {
  const steps: LaunchStep[] = []
  let waits = 0
  for (const item of queue) {
    if (scene.slots <= 0 || scene.failuresLeft < 0) break
    const step = decide(ownOrder(order, item), item, scene)
    steps.push(step)
    if (step.kind === 'begin' || step.kind === 'evacuate') scene.slots--
    if (step.kind === 'settle' && step.result === 'failed') scene.failuresLeft--
    // One that may be created anywhere in its pool waits when no server, or repository, of the pool has a place left: so will the next ones.
    if (step.kind === 'wait' && (isCreated(order.operation) || operationRow(order.operation).way === 'files') && ++waits >= 8) break
  }
  return steps
}

/** What is asked of one item alone, over what is asked of all: taking a run back asks for something else of each. */
interface OwnSpec { options?: Partial<OperationOptions> }

function ownOrder(order: LaunchOrder, item: QueuedItem): LaunchOrder {
  const options = ownOptions(order.options, item)
  return options === order.options ? order : { ...order, options }
}

/** What is asked of one item: what is asked of all, and over it what is asked of it alone. */
export function ownOptions(options: OperationOptions, { spec }: { spec?: unknown }): OperationOptions {
  const own = (spec as OwnSpec | null | undefined)?.options
  return own ? { ...options, ...own } : options
}

function isCreated(operation: RunOperation): boolean {
  return operation === 'vm.start' || operation === 'vm.resume'
}

/** A failure of an item without an agent's help. */
export function failed(item: QueuedItem, error: Fault, state: string | null): LaunchStep {
  return { item, kind: 'settle', result: 'failed', error, state }
}

/** Nothing had to be done; with --strict that is a failure. */
export function already(order: LaunchOrder, item: QueuedItem, kind: 'vm' | 'server', state: string): LaunchStep {
  if (!order.strict) return { item, kind: 'settle', result: 'unchanged', error: null, state }
  return failed(item, fault(`${kind}.unchanged`, `${kind === 'vm' ? 'guest' : 'server'} ${item.name} is ${state} already`, 'leave out --strict to take that as success'), state)
}

/** Work that is not expected to end in time is not begun. */
export function tooLate(order: LaunchOrder, item: QueuedItem, expectedMs: number, nowMs: number, state: string | null): Extract<LaunchStep, { kind: 'settle' }> | null {
  if (order.finishByMs === null) return null
  if (nowMs + expectedMs <= order.finishByMs) return null
  const late = formatTime(order.finishByMs)
  return { item, kind: 'settle', result: 'not-attempted', state, error: fault('run.deadline', `not begun: expected to take ${Math.round(expectedMs / 100) / 10} s, it would not end before ${late}`, 'run retry takes it up another time', { expectedSeconds: expectedMs / 1_000, finishBy: late }) }
}

/** The refusal of a change while another job holds the target's lease (`lease.held`). */
export function leaseFault(name: string, job: string, operation: string): Fault {
  return fault('lease.held', `another change of ${name} is under way (${operation}, ${job})`, `job show ${job}; --lease-wait 5m would wait for it`, { job, operation })
}

/** What went wrong, where no agent said it. */
export function fault(code: Fault['code'], message: string, hint: string | null, details: unknown = null): Fault {
  return { code, message, hint, details }
}
