import type { ItemResult } from '../model/object-states.js'
import type { Reader } from '../store/store.js'
import { fault, leaseFault, type LaunchStep, type QueuedItem } from './launch.js'
import type { RunRecord } from './run-records.js'

type HeldStep = Extract<LaunchStep, { kind: 'held' }>
type Settled = Extract<LaunchStep, { kind: 'settle' }>
interface Waiting { step: HeldStep; untilMs: number }

/**
 * Targets of a run that another job holds. The same change is waited for and joined; one whose command died is waited for too,
 * since it ends by itself; for any other the run waits as long as --lease-wait says. Waiting holds nothing, so runs cannot block
 * each other for ever.
 */
export class Held {
  private readonly waiting = new Map<number, Waiting>()

  constructor(private readonly run: RunRecord) {}

  get size(): number {
    return this.waiting.size
  }

  get items(): QueuedItem[] {
    return [...this.waiting.values()].map(({ step }) => step.item)
  }

  get serverIds(): string[] {
    return [...this.waiting.values()].flatMap(({ step }) => step.holder.serverIds)
  }

  get deadline(): number | null {
    let first = Infinity
    for (const { untilMs } of this.waiting.values()) first = Math.min(first, untilMs)
    return first === Infinity ? null : first
  }

  leaveOut(ordinals: ReadonlySet<number>): void {
    for (const ordinal of ordinals) this.waiting.delete(ordinal)
  }

  clear(): void {
    this.waiting.clear()
  }

  add(steps: readonly HeldStep[], nowMs: number): void {
    for (const step of steps) {
      const patient = step.same || step.holder.runState === 'interrupted'
      this.waiting.set(step.item.ordinal, { step, untilMs: patient ? Infinity : nowMs + this.run.policy.leaseWaitMs })
    }
  }

  /** Whether a job that is waited for has let go of its lease. */
  async hasNews(reader: Reader): Promise<boolean> {
    const jobs = [...new Set([...this.waiting.values()].map(({ step }) => step.holder.job))]
    const [holding] = await reader.select<{ n: number }>({ n: 'count(*)' }, 'from item where lease is not null and +job in (select value from json_each(?))', [JSON.stringify(jobs)])
    return holding!.n < jobs.length
  }

  /** Takes out those whose wait is over: to be decided again, joined to what ended, or refused. */
  async released(reader: Reader, nowMs: number): Promise<{ again: QueuedItem[]; settled: Settled[] }> {
    if (this.waiting.size === 0) return { again: [], settled: [] }
    const jobs = JSON.stringify([...new Set([...this.waiting.values()].map(({ step }) => step.holder.job))])
    const rows = new Map((await reader.select<{ job: string; lease: string | null; result: ItemResult | null; state: string; runState: string }>(
      { job: 'i.job', lease: 'i.lease', result: 'i.result', state: 'i.after_state', runState: 'u.state' }, 'from item i join run u on u.id = i.run where i.job in (select value from json_each(?)) and i.result is not \'unchanged\'', [jobs])).map(row => [row.job, row]))
    const again: QueuedItem[] = []
    const settled: Settled[] = []
    for (const [ordinal, one] of this.waiting) {
      const { item, holder, same } = one.step
      const row = rows.get(holder.job)
      if (row?.lease != null) {
        if (row.runState === 'interrupted') one.untilMs = Infinity
        if (nowMs < one.untilMs) continue
        settled.push(this.refused(one.step))
      } else if (same && row?.result === 'done') settled.push(this.joined(item, holder.job, row.state))
      else again.push(item)
      this.waiting.delete(ordinal)
    }
    return { again, settled }
  }

  /** Refuses all that still wait. */
  giveUp(): Settled[] {
    const settled = [...this.waiting.values()].map(({ step }) => this.refused(step))
    this.waiting.clear()
    return settled
  }

  private refused({ item, holder, state }: HeldStep): Settled {
    return { item, kind: 'settle', result: 'failed', error: leaseFault(item.name, holder.job, holder.operation), state }
  }

  private joined(item: QueuedItem, job: string, state: string): Settled {
    if (!this.run.policy.strict) return { item, kind: 'settle', result: 'unchanged', error: null, state, joined: job }
    return { item, kind: 'settle', result: 'failed', error: fault('vm.unchanged', `${item.name} was changed so by ${job} already`, 'leave out --strict to take that as success', { job }), state }
  }
}
