import type { AgentRequest } from '../agent/protocol.js'
import type { Fault } from '../model/errors.js'
import { groupBy } from '../model/group.js'
import type { RunState } from '../model/object-states.js'
import { vmTransition, type VmOperation } from '../model/vm-states.js'
import type { Row, Transaction } from '../store/store.js'
import { planLaunch, type LaunchStep, type QueuedItem } from './launch.js'
import { loadLaunchScene } from './launch-scene.js'
import type { Parts } from './parts.js'
import { addEvents, loadItems, loadRuns, type RunRecord } from './run-records.js'
import { eventTable, itemTable, runTable, vmTable } from './schema.js'
import { countRuns, settleOutcomes } from './settle.js'

type Begun = Extract<LaunchStep, { kind: 'begin' }>

/** How many queued guests of one pool are looked at in one launch: more than the limits of 32 servers let begin. */
const launchLook = 160
/** How long a graceful stop waits, in milliseconds (model.md: --grace 60 s). */
const defaultGraceMs = 60_000

/**
 * Drives one run: begins what may begin, waits, records what ended. Its queue is a copy of what the store holds, so that a
 * launch does not read it all again; the store stays the truth.
 */
export class RunDriver {
  private readonly queues = new Map<string, QueuedItem[]>()
  private readonly running = new Map<number, { poolId: string; serverId: string }>()
  private failures = 0

  private constructor(private readonly parts: Parts, readonly run: RunRecord, private readonly session: string | null) {}

  /**
   * A driver for a recorded run; `session` holds the clock for it (null: a run that was handed over); `queue` saves reading
   * what was just submitted.
   */
  static async open(parts: Parts, runId: string, session: string | null, queue: readonly QueuedItem[] | null = null): Promise<RunDriver> {
    return parts.store.read(async reader => {
      const [run] = await loadRuns(reader, 'id = ?', [runId])
      const driver = new RunDriver(parts, run!, session)
      if (queue) {
        for (const [poolId, items] of groupBy(queue, item => item.poolId)) driver.queues.set(poolId, items)
        return driver
      }
      for (const item of await loadItems(reader, `i.run = ? and i.state in ('queued', 'running')`, [runId])) {
        if (item.state === 'running') driver.running.set(item.ordinal, { poolId: item.poolId, serverId: item.serverId! })
        else driver.queueOf(item.poolId).push({ ordinal: item.ordinal, targetId: item.targetId, name: item.name, poolId: item.poolId, job: item.job! })
      }
      return driver
    })
  }

  /** Whether nothing of the run is queued or under way. */
  get finished(): boolean {
    return this.running.size === 0 && this.queues.size === 0
  }

  /** The servers on which something of the run is under way. */
  get serverIds(): string[] {
    return [...new Set([...this.running.values()].map(({ serverId }) => serverId))]
  }

  /** Begins what may begin now. Intents are committed before any agent hears of them. */
  async launch(): Promise<void> {
    while (this.queues.size > 0) {
      if (this.run.policy.onError === 'stop' && this.failures > 0) return this.drop({ code: 'run.stopped', message: 'not begun: an earlier target failed', hint: 'run it again for the rest', details: null })
      const { begun, settled } = await this.parts.store.transact(tx => this.commitIntents(tx))
      if (begun.length > 0) await this.dispatch(begun)
      if (settled === 0 || begun.length > 0) return
    }
  }

  /** Records as not attempted all that has not begun; with `keepQueued` it stays for a resume. */
  async drop(error: Fault, keepQueued = false): Promise<void> {
    const items = [...this.queues.values()].flat()
    this.queues.clear()
    if (items.length === 0) return
    await this.parts.store.transact(async tx => {
      await tx.update(itemTable, items.map(item => ({ run: this.run.id, ordinal: item.ordinal, result: 'not-attempted', state: keepQueued ? 'queued' : 'aborted', step: 'not-attempted', error: JSON.stringify(error) })))
      await countRuns(tx, [this.run.id])
    })
  }

  /** Records that the outcome of what is under way was not seen; it is recorded when an agent reports it. */
  async lose(error: Fault): Promise<void> {
    const ordinals = [...this.running.keys()]
    this.running.clear()
    if (ordinals.length === 0) return
    await this.parts.store.transact(async tx => {
      await tx.update(itemTable, ordinals.map(ordinal => ({ run: this.run.id, ordinal, result: 'unknown', error: JSON.stringify(error) })))
      await countRuns(tx, [this.run.id])
    })
  }

  /** Notices which of the run's items ended, whoever recorded it. */
  async notice(): Promise<void> {
    if (this.running.size === 0) return
    const still = new Set((await this.parts.store.read(reader => reader.select<{ ordinal: number }>({ ordinal: 'ordinal' }, `from item where run = ? and state = 'running'`, [this.run.id]))).map(row => row.ordinal))
    const ended = [...this.running.keys()].filter(ordinal => !still.has(ordinal))
    if (ended.length === 0) return
    for (const ordinal of ended) this.running.delete(ordinal)
    if (this.run.policy.onError === 'stop') {
      const [row] = await this.parts.store.read(reader => reader.select<{ failed: number }>({ failed: 'failed' }, 'from run where id = ?', [this.run.id]))
      this.failures = row!.failed
    }
  }

  /** Ends the run in the store. */
  async finish(state: RunState): Promise<void> {
    const nowMs = await this.parts.clock.nowMs()
    await this.parts.store.transact(async tx => {
      await countRuns(tx, [this.run.id])
      await tx.update(runTable, [{ id: this.run.id, state, session: null, ended_at: nowMs }])
    })
  }

  private queueOf(poolId: string): QueuedItem[] {
    let queue = this.queues.get(poolId)
    if (!queue) this.queues.set(poolId, (queue = []))
    return queue
  }

  private async commitIntents(tx: Transaction): Promise<{ begun: Begun[]; settled: number }> {
    const { run } = this
    const nowMs = await this.parts.clock.nowMs()
    const heads = [...this.queues.values()].map(queue => queue.slice(0, launchLook))
    const toServer = run.options.to === 'auto' ? null : run.options.to
    const slots = run.policy.parallel === null ? Infinity : run.policy.parallel - this.running.size
    const scene = await loadLaunchScene(tx, heads.flat().map(item => item.targetId), toServer, slots)
    const steps: LaunchStep[] = []
    for (const head of heads) {
      if (run.policy.onError === 'stop' && (this.failures > 0 || steps.some(step => step.kind === 'settle' && step.result === 'failed'))) break
      steps.push(...planLaunch(run.operation, run.options, run.policy, head, scene))
    }
    const begun = steps.filter((step): step is Begun => step.kind === 'begin')
    const settled = steps.filter(step => step.kind === 'settle')
    await this.recordBegun(tx, begun, nowMs)
    await this.recordSettled(tx, settled, nowMs)
    this.dequeue([...begun, ...settled].map(step => step.item))
    return { begun, settled: settled.length }
  }

  private async recordBegun(tx: Transaction, begun: readonly Begun[], nowMs: number): Promise<void> {
    const { via, places } = vmTransition(this.run.operation)
    await tx.update(itemTable, begun.map((step): Row => ({
      run: this.run.id, ordinal: step.item.ordinal, lease: step.vm.id, state: 'running', step: 'dispatched', result: null, error: null, server_id: step.serverId, target_server_id: step.targetServerId, started_at: nowMs,
    })))
    const reserves = places && this.run.operation !== 'migrate'
    await tx.update(vmTable, begun.map((step): Row => ({ id: step.vm.id, state: via, ...(reserves ? { server_id: step.serverId } : {}), ...(step.targetServerId === null ? {} : { target_server_id: step.targetServerId }) })))
    for (const step of begun) this.running.set(step.item.ordinal, { poolId: step.vm.poolId, serverId: step.serverId })
  }

  private async recordSettled(tx: Transaction, settled: readonly Extract<LaunchStep, { kind: 'settle' }>[], nowMs: number): Promise<void> {
    if (settled.length === 0) return
    await tx.update(itemTable, settled.map((step): Row => ({
      run: this.run.id, ordinal: step.item.ordinal, job: step.result === 'unchanged' ? null : step.item.job, result: step.result, state: step.result === 'failed' ? 'failed' : 'succeeded', step: 'settled', after_state: step.state,
      started_at: nowMs, ended_at: nowMs, error: step.error && JSON.stringify(step.error),
    })))
    const failed = settled.filter(step => step.error !== null)
    this.failures += failed.length
    await addEvents(tx, eventTable, failed.map(step => ({
      at: nowMs, severity: 'error', kind: `vm.${this.run.operation}-failed`, subject: step.item.name, subject_id: step.item.targetId, user: this.run.user, run: this.run.id, message: `${this.run.operation} of guest ${step.item.name} refused: ${step.error!.message}`,
    })))
    await countRuns(tx, [this.run.id])
  }

  private dequeue(items: readonly QueuedItem[]): void {
    const gone = new Set(items.map(item => item.ordinal))
    for (const [poolId, queue] of this.queues) {
      const rest = queue.filter(item => !gone.has(item.ordinal))
      if (rest.length === 0) this.queues.delete(poolId)
      else this.queues.set(poolId, rest)
    }
  }

  private async dispatch(begun: readonly Begun[]): Promise<void> {
    const byPool = groupBy(begun, step => step.vm.poolId)
    const replies = (await Promise.all([...byPool].map(async ([poolId, steps]) => (await this.parts.masters.of(poolId)).dispatch(steps.map(step => this.requestOf(step)))))).flat()
    const refused = replies.filter(reply => reply.error !== null)
    if (refused.length === 0) return
    const steps = new Map(begun.map(step => [step.item.job, step]))
    const nowMs = await this.parts.clock.nowMs()
    await this.parts.store.transact(async tx => {
      const vms = refused.map(reply => steps.get(reply.job)!.vm)
      await tx.update(vmTable, vms.map(vm => ({ id: vm.id, state: vm.state, server_id: vm.serverId, target_server_id: null })))
      await tx.update(itemTable, refused.map(reply => ({ run: this.run.id, ordinal: steps.get(reply.job)!.item.ordinal, lease: null })))
      await this.recordSettled(tx, refused.map(reply => ({ item: steps.get(reply.job)!.item, kind: 'settle', result: 'failed', error: reply.error, state: steps.get(reply.job)!.vm.state })), nowMs)
    })
    for (const reply of refused) this.running.delete(steps.get(reply.job)!.item.ordinal)
  }

  private requestOf(step: Begun): AgentRequest {
    const { options, operation } = this.run
    return {
      job: step.item.job, session: this.session, operation: operation as Exclude<VmOperation, 'reset-status'>,
      guest: { id: step.vm.id, name: step.vm.name, type: step.vm.type, memoryMiB: step.vm.memoryMiB, vcpus: step.vm.vcpus },
      serverId: step.serverId, targetServerId: step.targetServerId, manner: { force: options.force, graceMs: options.graceMs ?? defaultGraceMs, forceAfterMs: options.forceAfterMs },
    }
  }
}

/** Collects what ended on servers from the masters of their pools, and records it; `serversOf` maps a server to its pool. */
export async function collect(parts: Parts, poolOf: ReadonlyMap<string, string>, serverIds: readonly string[]): Promise<void> {
  const byPool = groupBy(serverIds.filter(id => poolOf.has(id)), id => poolOf.get(id)!)
  const answers = await Promise.all([...byPool].map(async ([poolId, ids]) => ({ poolId, outcomes: await (await parts.masters.of(poolId)).outcomes(ids) })))
  const outcomes = answers.flatMap(answer => answer.outcomes)
  if (outcomes.length === 0) return
  await parts.store.transact(tx => settleOutcomes(tx, outcomes))
  await Promise.all(answers.map(async ({ poolId, outcomes: of }) => (await parts.masters.of(poolId)).acknowledge(of.map(({ job, serverId }) => ({ job, serverId })))))
}
