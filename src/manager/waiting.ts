import type { Report, ReportItem } from '../contract/manager.js'
import type { WaitRequest } from '../contract/requests.js'
import type { Fault } from '../model/errors.js'
import type { Moment } from '../host/ports.js'
import { formatTime, secondsOf } from '../model/units.js'
import { settledStates, type VmState } from '../model/vm-states.js'
import type { Reader, Store } from '../store/store.js'
import { counted } from './report.js'
import type { Target } from './targets.js'

/** Whether a state is what is waited for: `stopped` is powered off or suspended, `settled` nothing under way. */
export function isReached(goal: WaitRequest['for'], state: VmState): boolean {
  if (goal === 'settled') return settledStates.includes(state)
  if (goal === 'stopped') return state === 'powered-off' || state === 'suspended'
  return state === goal
}

/** One target that is waited for. */
interface Watched { target: Target; first: VmState; state: VmState; endedAtMs: number | null; error: Fault | null }

/** A wait for guests to become what somebody wants of them. */
export class GuestWait {
  private readonly watched: Watched[]
  private nowMs: number

  constructor(private readonly store: Store, targets: readonly Target[], private readonly request: Pick<WaitRequest, 'for' | 'orFail' | 'timeoutMs'>, private readonly startedAtMs: number) {
    this.nowMs = startedAtMs
    this.watched = targets.map(target => ({ target, first: target.state as VmState, state: target.state as VmState, endedAtMs: null, error: null }))
  }

  /** Looks at what is still waited for; whether nothing is. */
  async isOver(): Promise<boolean> {
    await this.store.read(reader => look(reader, this.watched, this.request, this.nowMs))
    return this.watched.every(one => one.endedAtMs !== null)
  }

  /** Waits until nothing is left that can be waited for. @param pass waits for the next event, or until a time */
  async through(pass: (untilMs: number | null) => Promise<Moment>): Promise<void> {
    const { timeoutMs } = this.request
    const until = timeoutMs === null ? null : this.startedAtMs + timeoutMs
    while (!(await this.isOver())) {
      if (until !== null && this.nowMs >= until) return this.giveUp('run.deadline')
      const moment = await pass(until)
      this.nowMs = moment.nowMs
      if (moment.idle && until === null && !(await this.isOver())) return this.giveUp('wait.endless')
    }
  }

  report(farm: string, user: string): Report {
    const { startedAtMs, nowMs } = this
    return counted({ run: null, operation: 'vm.wait', farm, user, startedAtMs, endedAtMs: nowMs, nowMs }, this.watched.map((one): ReportItem => ({
      kind: 'vm', id: one.target.id, name: one.target.name, pool: one.target.pool, result: one.error === null ? (one.endedAtMs === startedAtMs ? 'unchanged' : 'done') : one.error.code === 'vm.error' ? 'failed' : 'unknown',
      state: one.state, job: null, startedAt: formatTime(startedAtMs), seconds: secondsOf(one.endedAtMs! - startedAtMs), error: one.error,
    })))
  }

  private giveUp(code: 'run.deadline' | 'wait.endless'): void {
    const goal = this.request.for
    for (const one of this.watched.filter(each => each.endedAtMs === null)) {
      one.endedAtMs = this.nowMs
      const why = code === 'run.deadline' ? 'the deadline passed' : 'nothing that is due can change that'
      one.error = { code, message: `guest ${one.target.name} is ${one.state}, not ${goal}, and ${why}`, hint: `vm show ${one.target.name}`, details: { state: one.state, for: goal } }
    }
  }
}

/** Looks at the states of what is still waited for, and ends what reached its goal, or failed when that ends it. */
async function look(reader: Reader, watched: readonly Watched[], request: Pick<WaitRequest, 'for' | 'orFail'>, nowMs: number): Promise<void> {
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
