import type { Report, ReportItem } from '../contract/manager.js'
import type { WaitRequest } from '../contract/requests.js'
import type { Fault } from '../model/errors.js'
import { formatTime, secondsOf } from '../model/units.js'
import { settledStates, type VmState } from '../model/vm-states.js'
import type { Reader } from '../store/store.js'
import { counted } from './report.js'
import type { Target } from './targets.js'

/** Whether a state is what is waited for: `stopped` is powered off or suspended, `settled` nothing under way. */
export function isReached(goal: WaitRequest['for'], state: VmState): boolean {
  if (goal === 'settled') return settledStates.includes(state)
  if (goal === 'stopped') return state === 'powered-off' || state === 'suspended'
  return state === goal
}

/** One target that is waited for. */
export interface Watched { target: Target; first: VmState; state: VmState; endedAtMs: number | null; error: Fault | null }

/** Looks at the states of what is still waited for, and ends what reached its goal, or failed when that ends it. */
export async function look(reader: Reader, watched: readonly Watched[], request: WaitRequest, nowMs: number): Promise<void> {
  const open = watched.filter(one => one.endedAtMs === null)
  const states = new Map((await reader.select<{ id: string; state: VmState }>({ id: 'id', state: 'state' }, 'from vm where id in (select value from json_each(?))', [JSON.stringify(open.map(one => one.target.id))])).map(row => [row.id, row.state]))
  for (const one of open) {
    one.state = states.get(one.target.id) ?? 'unknown'
    if (isReached(request.for, one.state)) one.endedAtMs = nowMs
    else if (request.orFail && one.state === 'error') {
      one.endedAtMs = nowMs
      one.error = { code: 'vm.error', message: `guest ${one.target.name} went into error`, hint: `event list --filter 'subject=${one.target.name}'`, details: null }
    }
  }
}

/** Gives up on what is still waited for. */
export function giveUp(watched: readonly Watched[], nowMs: number, code: 'run.deadline' | 'wait.endless', goal: string): void {
  for (const one of watched.filter(each => each.endedAtMs === null)) {
    one.endedAtMs = nowMs
    const why = code === 'run.deadline' ? 'the deadline passed' : 'nothing that is due can change that'
    one.error = { code, message: `guest ${one.target.name} is ${one.state}, not ${goal}, and ${why}`, hint: `vm show ${one.target.name}`, details: { state: one.state, for: goal } }
  }
}

/** The report of a wait. */
export function waitReport(farm: string, user: string, startedAtMs: number, nowMs: number, watched: readonly Watched[]): Report {
  return counted({ run: null, operation: 'vm.wait', farm, user, startedAtMs, endedAtMs: nowMs, nowMs }, watched.map((one): ReportItem => ({
    kind: 'vm', id: one.target.id, name: one.target.name, pool: one.target.pool, result: one.error === null ? (one.endedAtMs === startedAtMs ? 'unchanged' : 'done') : one.error.code === 'vm.error' ? 'failed' : 'unknown',
    state: one.state, job: null, startedAt: formatTime(startedAtMs), seconds: secondsOf(one.endedAtMs! - startedAtMs), error: one.error,
  })))
}
