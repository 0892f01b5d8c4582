import type { AgentReply } from '../agent/protocol.js'
import type { Fault } from '../model/errors.js'
import { groupBy } from '../model/group.js'
import type { RunState } from '../model/object-states.js'
import { movesGuestsAway, operationRow } from '../model/operations.js'
import type { Way } from '../model/operations/row.js'
import { settledStates } from '../model/vm-states.js'
import type { GuestFacts } from '../host/ports.js'
import type { Reader, Row, Table, Transaction } from '../store/store.js'
import { collect } from './collect.js'
import { Evacuations } from './evacuation.js'
import { Expectations } from './expectation.js'
import { decideFiles } from './files/decide.js'
import { fileOperationOf } from './files/operations.js'
import { loadFilesScene } from './files/scene.js'
import { Held } from './held.js'
import { recordBegun, recordSettled, type Settled } from './intents.js'
import { fault, planLaunch, type LaunchLimits, type LaunchOrder, type LaunchStep, type QueuedItem } from './launch.js'
import { loadLaunchScene } from './launch-scene.js'
import { decideServer } from './launch-server.js'
import { decideVm } from './launch-vm.js'
import type { Parts } from './parts.js'
import { inspectGuests } from './pool-channel.js'
import { settleDead } from './reconcile.js'
import { reportedRow } from './reported.js'
import { loadItems, loadRuns, mustDrive, type ItemRecord, type RunRecord } from './run-records.js'
import { RunQueue } from './run-queue.js'
import { itemTable, serverTable, vmTable } from './schema.js'
import { countRuns } from './settle.js'
import { tell, type Begun } from './tell.js'
import { applyWrites, updateAlike } from './write.js'

interface Refused { step: Begun; reply: AgentReply }
type Evacuate = Extract<LaunchStep, { kind: 'evacuate' }>
/** What a launch committed: what is begun, so that the agents are told, and how many came to something else; `more` may begin at once. */
interface Intents { begun: Begun[]; settled: number; held: number; leaving: number; more: boolean }

const stopped = fault('run.stopped', 'not begun: too many targets failed before', 'run retry takes up what failed and what was not begun')
const roomless = fault('agent.unreachable', 'not begun: changes on servers that do not answer take all the room that the limits of the farm leave', 'run retry takes it up once the servers answer; server list shows which do not')
const canaryFailed = fault('run.canary', 'not begun: not all of the canary succeeded', 'look at what failed first; run retry takes up the rest')

/**
 * Drives one run: begins what may begin, and notices what ended. Its queue is a copy of what the store holds, so that a launch
 * does not read it all again; the store stays the truth, and nobody drives a run whose session is not his.
 */
export class RunDriver {
  private readonly way: Way
  private readonly queue: RunQueue
  private readonly running = new Map<number, string[]>()
  private readonly held: Held
  private readonly evacuations: Evacuations
  private order: LaunchOrder | null = null
  private canaryChecked = false
  private failed: number
  private leasesSeen = 0
  private abortsSeen = 0
  /** what was begun in the commit that recorded what ended, and the agents have not been told */
  private wentOn: Intents | null = null
  /** all that may begin at this moment has begun */
  private launched = false
  /** how many count against --parallel; runs made for the sake of one share it */
  atWork = (): number => this.underWay

  private constructor(private readonly parts: Parts, readonly run: RunRecord, private readonly session: string) {
    this.way = operationRow(run.operation).way
    this.queue = new RunQueue(this.way)
    this.failed = run.failed
    this.held = new Held(run)
    this.evacuations = new Evacuations(parts, run, session)
  }

  /** A driver for a recorded run of this session; `queue` saves reading what was just submitted. */
  static async open(parts: Parts, runId: string, session: string, queue: readonly QueuedItem[] | null = null): Promise<RunDriver> {
    return parts.store.read(async reader => {
      const [run] = await loadRuns(reader, 'id = ?', [runId])
      const driver = new RunDriver(parts, run!, session)
      const waiting = queue ?? []
      if (!queue) {
        for (const item of await loadItems(reader, `i.run = ? and i.state in ('queued', 'running')`, [runId])) {
          if (item.state === 'running') driver.running.set(item.ordinal, [item.serverId, item.targetServerId].filter(id => id !== null))
          else (waiting as QueuedItem[]).push({ ordinal: item.ordinal, stage: item.stage, targetId: item.targetId, name: item.name, poolId: item.poolId, job: item.job!, ...madeOf(item, driver.run) })
        }
      }
      const stages = [...groupBy(waiting, item => item.stage)].sort(([a], [b]) => a - b)
      driver.queue.stage(stages.map(([, items]) => items))
      return driver
    })
  }

  /** Whether nothing of the run is queued or under way. */
  get finished(): boolean {
    return this.running.size === 0 && this.queue.isEmpty && !this.queue.hasLater && this.held.size === 0
  }

  /** How many items are under way. */
  get underWay(): number {
    return this.running.size
  }

  /** The servers on which something of the run, or something it waits for, is under way. */
  get serverIds(): string[] {
    return [...new Set([...[...this.running.values()].flat(), ...this.held.serverIds, ...this.evacuations.serverIds])]
  }

  /** When waiting for the leases of others ends at the earliest, in farm time; null: never by itself. */
  get leaseDeadline(): number | null {
    return this.held.deadline
  }

  /** Tells whether something of others ended for which the run waits: a lease, or room under the limits of the farm; undefined when it waits for its own work only. */
  get news(): (() => Promise<boolean>) | undefined {
    if (this.held.size === 0 && this.queue.isEmpty) return undefined
    return () => this.parts.store.read(async reader => (await this.held.hasNews(reader)) || (await leaseCount(reader)) < this.leasesSeen)
  }

  /** Begins what may begin now. Intents are committed before any agent hears of them. */
  async launch(): Promise<void> {
    if (this.launched) {
      this.launched = false
      return
    }
    await this.evacuations.launch()
    for (;;) {
      for (const item of await this.evacuations.emptied()) {
        this.running.delete(item.ordinal)
        this.queue.add([item])
      }
      if (this.queue.isEmpty && this.held.size === 0) {
        if (this.running.size > 0 || !this.queue.hasLater) return
        if (await this.canaryDied()) return this.drop(canaryFailed)
        this.queue.nextStage()
      }
      if (this.failed > this.tolerance && this.queue.emptied.length === 0) return this.drop(stopped)
      if (!(await this.launchOnce())) return
    }
  }

  /** Whether the canary is over and not all of it succeeded. */
  private async canaryDied(): Promise<boolean> {
    if (this.run.policy.canary === null || this.canaryChecked || this.queue.laterStage === 0) return false
    this.canaryChecked = true
    const bad = await this.parts.store.read(reader => reader.select<{ ordinal: number }>({ ordinal: 'ordinal' }, `from item where run = ? and stage = 0 and coalesce(result, '') not in ('done', 'unchanged') limit 1`, [this.run.id]))
    return bad.length > 0
  }

  /** Takes evacuations back: what moves already moves on, the servers stay up. */
  async stopEvacuating(): Promise<void> {
    const items = await this.evacuations.stop()
    for (const item of items) this.running.delete(item.ordinal)
    this.queue.add(items)
  }

  /** Records as not attempted all that has not begun; with `keepQueued` it stays for a resume. */
  async drop(error: Fault, keepQueued = false): Promise<void> {
    const items = [...this.queue.clear(), ...this.held.items]
    this.held.clear()
    if (items.length === 0) return
    this.parts.stir.mark()
    await this.parts.store.transact(async tx => {
      await this.fence(tx)
      await tx.update(serverTable, items.flatMap(item => (item.evacuated ? [item.evacuated.undo] : [])))
      await tx.update(itemTable, items.map(item => ({ run: this.run.id, ordinal: item.ordinal, lease: null, result: 'not-attempted', state: keepQueued ? 'queued' : 'aborted', step: 'not-attempted', error: JSON.stringify(error) })))
      await countRuns(tx, [this.run.id])
    })
  }

  /** Records that the outcome of what is under way was not seen; it is recorded when an agent reports it. */
  async lose(error: Fault): Promise<void> {
    const ordinals = [...this.running.keys()]
    this.running.clear()
    if (ordinals.length === 0) return
    await this.parts.store.transact(async tx => {
      await this.fence(tx)
      await tx.run(`update item set result = 'unknown', error = ? where run = ? and result is null and lease is not null and ordinal in (select value from json_each(?))`, [JSON.stringify(error), this.run.id, JSON.stringify(ordinals)])
      await countRuns(tx, [this.run.id])
    })
  }

  /**
   * Nothing is due any more: gives up on what is under way, or else on targets whose leases nothing will end, or else on those that
   * wait for room under the limits of the farm, which nothing will make.
   */
  async giveUp(error: Fault): Promise<void> {
    if (this.evacuations.busy) return this.evacuations.giveUp(error)
    if (this.running.size > 0) return this.lose(error)
    // What was found out a moment ago may have made room, or ended a lease: then it goes on.
    if (await this.news?.()) return
    if (this.held.size === 0) return this.drop(roomless)
    const nowMs = await this.parts.clock.nowMs()
    await this.parts.store.transact(async tx => {
      await this.fence(tx)
      await this.recordSettled(tx, this.held.giveUp(), nowMs)
    })
  }

  /** Notices which of the run's items ended, whoever recorded it. */
  async notice(): Promise<void> {
    if (this.running.size === 0) return
    await this.evacuations.notice()
    await this.parts.store.read(async reader => {
      const [run] = await reader.select<{ failed: number }>({ failed: 'failed' }, 'from run where id = ?', [this.run.id])
      await this.noticeIn(reader, run!.failed)
    })
  }

  private async noticeIn(reader: Reader, failed: number): Promise<void> {
    const still = await this.leased(reader)
    this.failed = failed
    const over = [...this.running.keys()].filter(ordinal => !still.has(ordinal))
    for (const ordinal of over) this.running.delete(ordinal)
    if (this.run.operation === 'vm.create' && over.length > 0) this.queue.add(await madeAmong(reader, this.run, over))
  }

  /**
   * Goes on in the very commit that records how work ended: notices it, and writes the intents of what may begin in its place, so
   * that a run of many small waves needs one commit a wave. Only for work on files, which begins by fours, where nothing but its
   * own queue is waited for; whatever else there is to do, `launch` does.
   */
  async goOn(tx: Transaction, nowMs: number): Promise<void> {
    if (this.way !== 'files' || this.queue.isEmpty || this.held.size > 0) return
    await this.noticeIn(tx, await this.fence(tx))
    if (this.failed <= this.tolerance) this.wentOn = await this.commitIntents(tx, nowMs)
  }

  /** Tells the agents what `goOn` has begun; false when it did not go on. */
  async followUp(): Promise<boolean> {
    const { wentOn } = this
    if (!wentOn) return false
    this.wentOn = null
    this.launched = !(await this.carryOut(wentOn))
    return true
  }

  /** Ends the run in the store. */
  async finish(state: RunState): Promise<void> {
    const nowMs = await this.parts.clock.nowMs()
    await this.parts.store.transact(async tx => {
      await this.fence(tx)
      await tx.run('update run set revision = revision + 1, state = ?, session = null, ended_at = ? where id = ?', [state, nowMs, this.run.id])
    })
  }

  /** How many failures the run bears: with one more nothing is begun any more. */
  private get tolerance(): number {
    const { onError, maxFailures } = this.run.policy
    const most = maxFailures === null ? Infinity : 'count' in maxFailures ? maxFailures.count : Math.floor((this.run.total * maxFailures.percent) / 100)
    return onError === 'stop' ? 0 : most
  }

  /** One launch; whether another may find more to do at once. */
  private async launchOnce(): Promise<boolean> {
    const nowMs = await this.parts.clock.nowMs()
    return this.carryOut(await this.parts.store.transact(async tx => {
      await this.fence(tx)
      return this.commitIntents(tx, nowMs)
    }))
  }

  /** Tells the agents what was begun; whether another launch may find more to do at once. */
  private async carryOut({ begun, settled, held, leaving, more }: Intents): Promise<boolean> {
    const refused = begun.length > 0 ? await this.dispatch(begun) : 0
    if (leaving > 0) await this.evacuations.launch()
    // Whoever holds a lease may have died: then it lapses.
    if (held > 0) await settleDead(this.parts)
    return more || refused > 0 || held > 0 || leaving > 0 || (settled > 0 && begun.length === 0)
  }

  private async commitIntents(tx: Transaction, nowMs: number): Promise<Intents> {
    const { run } = this
    const order = (this.order ??= await this.launchOrder(tx))
    const released = await this.held.released(tx, nowMs)
    this.queue.add(released.again)
    const left = this.tolerance - this.failed
    const { emptied } = this.queue
    // What was emptied goes first, and beside every limit: its server was taken already.
    const heads = left < 0 ? [] : this.queue.heads()
    const slots = run.policy.parallel === null ? Infinity : run.policy.parallel - this.atWork()
    const steps = await this.decided(tx, order, emptied, heads, { nowMs, slots, failuresLeft: left })
    const begun = steps.filter(step => step.kind === 'begin')
    const settled = [...steps.filter(step => step.kind === 'settle'), ...released.settled]
    const held = steps.filter(step => step.kind === 'held')
    const leaving = steps.filter(step => step.kind === 'evacuate')
    this.held.add(held, nowMs)
    await recordBegun(tx, this.run, this.table, begun, nowMs)
    for (const step of begun) this.running.set(step.item.ordinal, [step.serverId, ...(step.targetServerId === null ? [] : [step.targetServerId])])
    await this.recordEvacuations(tx, leaving, nowMs)
    await this.recordSettled(tx, settled, nowMs)
    this.queue.remove([...begun, ...settled, ...held, ...leaving].map(step => step.item))
    this.leasesSeen = await leaseCount(tx)
    return { begun, settled: settled.length, held: held.length, leaving: leaving.length, more: this.queue.lookFurther(heads) }
  }

  /** What becomes of the first of the queue now; `emptied` go before all, beside every limit. */
  private async decided(tx: Transaction, order: LaunchOrder, emptied: readonly QueuedItem[], heads: readonly QueuedItem[][], limits: LaunchLimits): Promise<LaunchStep[]> {
    if (this.way === 'files') {
      const made = heads.map(head => head.filter(item => item.made))
      const starting = made.some(head => head.length > 0) ? await this.starting(tx, order, made, limits) : []
      const scene = await loadFilesScene(tx, this.run.operation, fileOperationOf(this.run.operation).look, heads.flat().filter(item => !item.made), limits)
      return [...starting, ...heads.flatMap(head => planLaunch(order, head.filter(item => !item.made), scene, decideFiles))]
    }
    const { to } = this.run.options
    const scene = await loadLaunchScene(tx, this.way === 'guest' ? 'vm' : 'server', [...emptied, ...heads.flat()], to === 'auto' ? null : to, limits, this.run.parent)
    const decide = this.way === 'guest' ? decideVm : decideServer
    const first = emptied.map(item => decide(order, item, scene))
    scene.failuresLeft -= first.filter(step => step.kind === 'settle' && step.result === 'failed').length
    scene.slots -= first.filter(step => step.kind === 'begin').length
    return [...first, ...heads.flatMap(head => planLaunch(order, head, scene, decide))]
  }

  /** What becomes of guests that are made and start now. */
  private async starting(tx: Transaction, order: LaunchOrder, made: readonly QueuedItem[][], limits: LaunchLimits): Promise<LaunchStep[]> {
    const scene = await loadLaunchScene(tx, 'vm', made.flat(), null, limits)
    const steps = made.flatMap(head => planLaunch({ ...order, operation: 'vm.start' }, head, scene, decideVm))
    limits.slots = scene.slots
    limits.failuresLeft = scene.failuresLeft
    return steps
  }

  private async launchOrder(tx: Transaction): Promise<LaunchOrder> {
    const { run } = this
    const expectations = new Expectations()
    if (run.finishByMs !== null && this.way !== 'files') {
      await expectations.learn(tx, run.operation, run.options.force)
      if (run.options.evacuate || movesGuestsAway(run.operation)) await expectations.learn(tx, 'vm.migrate', false)
    }
    return { run: run.id, operation: run.operation, options: run.options, strict: run.policy.strict, finishByMs: run.finishByMs, expectations }
  }

  /** The table of what the operation changes; work on files says itself what it writes. */
  private get table(): Table {
    return this.way === 'power' ? serverTable : vmTable
  }

  /** Makes sure that the run is this session's to drive; how many of its items have failed. @throws Refusal lease.held */
  private async fence(tx: Transaction): Promise<number> {
    const { aborts, failed } = await mustDrive(tx, this.run.id, this.session)
    if (aborts !== this.abortsSeen) {
      this.abortsSeen = aborts
      await this.leaveOutAborted(tx)
    }
    return failed
  }

  /** Forgets items that somebody aborted before they had begun. */
  private async leaveOutAborted(tx: Transaction): Promise<void> {
    const gone = new Set((await tx.select<{ ordinal: number }>({ ordinal: 'ordinal' }, `from item where run = ? and state = 'aborted'`, [this.run.id])).map(row => row.ordinal))
    this.queue.leaveOut(gone)
    this.held.leaveOut(gone)
  }

  private async recordSettled(tx: Transaction, settled: readonly Settled[], nowMs: number): Promise<void> {
    if (settled.length === 0) return
    this.parts.stir.mark()
    this.failed += settled.filter(step => step.result === 'failed').length
    await recordSettled(tx, this.run, this.table, settled, nowMs)
  }

  private async recordEvacuations(tx: Transaction, leaving: readonly Evacuate[], nowMs: number): Promise<void> {
    if (leaving.length === 0) return
    await tx.update(itemTable, leaving.map((step): Row => ({ run: this.run.id, ordinal: step.item.ordinal, lease: step.item.targetId, state: 'running', step: 'evacuating', result: null, error: null, server_id: step.serverId, started_at: nowMs })))
    await tx.update(serverTable, leaving.map(step => step.row))
    for (const step of leaving) {
      await this.evacuations.begin(tx, step, nowMs)
      this.running.set(step.item.ordinal, [step.serverId])
    }
  }

  /** Tells the agents; how many were refused, or could not be asked. */
  private async dispatch(begun: readonly Begun[]): Promise<number> {
    const replies = new Map((await tell(this.parts, begun, this.run.detached ? null : this.session)).map(reply => [reply.job, reply]))
    const refused = begun.flatMap((step): Refused[] => {
      const reply = replies.get(step.item.job)!
      return reply.answer === 'refused' || reply.answer === 'unreachable' ? [{ step, reply }] : []
    })
    if (refused.length === 0) return 0
    this.parts.stir.mark()
    const nowMs = await this.parts.clock.nowMs()
    const facts = await this.factsOf(refused)
    const again = await this.parts.store.transact(async tx => {
      await this.fence(tx)
      // What its server took down with it, somebody may have settled meanwhile.
      const open = await this.leased(tx)
      return this.recordRefused(tx, refused.filter(({ step }) => open.has(step.item.ordinal)), facts, nowMs)
    })
    for (const { step } of refused) this.running.delete(step.item.ordinal)
    this.queue.add(again)
    await collect(this.parts, refused.filter(({ reply }) => reply.answer === 'unreachable' || this.way === 'power').map(({ step }) => step.serverId))
    return refused.length
  }

  /** A server that refuses may know better how things are than the record that was acted on. */
  private factsOf(refused: readonly Refused[]): Promise<ReadonlyMap<string, GuestFacts>> {
    return inspectGuests(this.parts, this.way !== 'guest' ? [] : refused.filter(({ reply }) => reply.answer === 'refused').map(({ step }) => ({ id: step.item.targetId, poolId: step.item.poolId })))
  }

  /** Takes intents back that were refused; those that are to be begun anew. */
  private async recordRefused(tx: Transaction, refused: readonly Refused[], facts: ReadonlyMap<string, GuestFacts>, nowMs: number): Promise<QueuedItem[]> {
    const taken = refused.flatMap(({ step }) => step.files?.undo ?? [])
    await applyWrites(tx, taken)
    const restored = ({ item, undo, files }: Begun): Row => { if (!undo) return { state: files.before }; const fact = facts.get(item.targetId); return fact && settledStates.includes(fact.state) ? reportedRow(item.targetId, fact) : undo }
    if (taken.length === 0) await updateAlike(tx, this.table, refused.map(({ step }) => restored(step)))
    // A server that could not even be asked may be passed by: its guests are placed anew, where they were free to be placed.
    const passedBy = ({ step, reply }: Refused) => reply.answer === 'unreachable' && step.places
    const again = refused.filter(passedBy).map(({ step }) => step.item)
    await tx.update(itemTable, again.map(item => ({ run: this.run.id, ordinal: item.ordinal, lease: null, state: 'queued', step: 'queued', server_id: null, started_at: null })))
    await this.recordSettled(tx, refused.filter(one => !passedBy(one)).map(({ step, reply }): Settled => ({ item: step.item, kind: 'settle', result: 'failed', error: reply.error, state: restored(step)['state'] as string | null })), nowMs)
    return again
  }

  /** The items of the run that hold a lease. */
  private async leased(reader: Reader): Promise<ReadonlySet<number>> {
    // By the index of leases: those of a run are few, its items may be many.
    return new Set((await reader.select<{ ordinal: number }>({ ordinal: 'ordinal' }, 'from item where lease is not null and +run = ?', [this.run.id])).map(row => row.ordinal))
  }
}

/** What an item is to be, as the queue knows it. */
function madeOf(item: ItemRecord, run: RunRecord): Pick<QueuedItem, 'spec' | 'sourceId' | 'made'> {
  return item.spec === null ? {} : { spec: item.spec as object, sourceId: item.sourceId, ...(item.operation === run.operation ? {} : { made: true }) }
}

/** Of items that ended, those that go on: what was made starts now. */
async function madeAmong(reader: Reader, run: RunRecord, ordinals: readonly number[]): Promise<QueuedItem[]> {
  const items = await loadItems(reader, `i.run = ? and i.ordinal in (select value from json_each(?)) and i.state = 'queued' and i.operation <> ?`, [run.id, JSON.stringify(ordinals), run.operation])
  return items.map(item => ({ ordinal: item.ordinal, stage: item.stage, targetId: item.targetId, name: item.name, poolId: item.poolId, job: item.job!, ...madeOf(item, run) }))
}

/** How many changes are under way, whoever makes them. */
async function leaseCount(reader: Reader): Promise<number> {
  return (await reader.select<{ n: number }>({ n: 'count(*)' }, 'from item i where i.lease is not null'))[0]!.n
}
