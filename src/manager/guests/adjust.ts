import type { GuestRequest } from '../../agent/protocol.js'
import type { Fault } from '../../model/errors.js'
import type { Row, Transaction } from '../../store/store.js'
import { collect } from '../collect.js'
import { fault, ownOptions } from '../launch.js'
import type { Parts } from '../parts.js'
import { dispatchAll } from '../pool-channel.js'
import { addEvents, type ItemRecord, type RunRecord } from '../run-records.js'
import { bootTable, eventTable, itemTable } from '../schema.js'
import { applyWrites, type Write } from '../write.js'
import { outOfReach } from './recorded.js'
import { changeOf, planUpdate, wishOf, type Wish } from './update-plan.js'
import { undoOf, writesOf } from './update-rows.js'
import { loadUpdateScene } from './update-scene.js'

/** A running guest that is to get other memory or virtual CPUs: what its server is asked, and what takes the intent back. */
interface Adjusted { item: ItemRecord; poolId: string; request: GuestRequest; undo: Write[] }

/**
 * Gives running guests other memory and virtual CPUs. The intent is committed first, with all that changes of their records and
 * their leases: what more they are to have is taken, so that nobody else gets it, and a command that dies between is settled as
 * any other whose work began. Then their servers are told, which do it at once; how it ended is collected as always.
 */
export async function adjustRunning(parts: Parts, run: RunRecord, items: readonly ItemRecord[]): Promise<void> {
  if (!items.some(item => isSized(wishOf(ownOptions(run.options, item))))) return
  const nowMs = await parts.clock.nowMs()
  const adjusted = await parts.store.transact(tx => begin(tx, run, items, nowMs))
  if (adjusted.length === 0) return
  const replies = new Map((await dispatchAll(parts, adjusted.map(({ poolId, request }) => ({ poolId, request })))).map(reply => [reply.job, reply]))
  const refused = adjusted.filter(({ item }) => ['refused', 'unreachable'].includes(replies.get(item.job!)!.answer))
  if (refused.length > 0) await parts.store.transact(tx => takeBack(tx, run, refused, job => replies.get(job)!.error!, nowMs))
  await collect(parts, [...new Set(adjusted.map(({ request }) => request.serverId))])
  const unknown = fault('agent.no-answer', 'the server was asked, and no answer came', 'run show tells once the server answers again; do not ask again before')
  await parts.store.transact(tx => tx.run(`update item set result = 'unknown', error = ? where run = ? and lease is not null and result is null`, [JSON.stringify(unknown), run.id]))
}

/** Whether memory or virtual CPUs are to be others. */
function isSized({ change }: Wish): boolean {
  return change.memoryMiB !== undefined || change.vcpus !== undefined
}

async function begin(tx: Transaction, run: RunRecord, items: readonly ItemRecord[], nowMs: number): Promise<Adjusted[]> {
  const wishes = items.map(item => wishOf(ownOptions(run.options, item)))
  const scene = await loadUpdateScene(tx, run, items, wishes.flatMap(({ change }) => change.name ?? []))
  const adjusted: Adjusted[] = []
  for (const [at, item] of items.entries()) {
    const wish = wishes[at]!
    if (!isSized(wish)) continue
    const guest = scene.guests.get(item.targetId)
    if (outOfReach(item, guest)) continue
    const plan = planUpdate(guest!, wish, scene)
    if ('fault' in plan || !plan.live) continue
    const { fields, after } = plan
    const updated = { id: guest!.id, details: guest!.details, fields, before: guest!.facts, after }
    const undo = undoOf(updated)
    await applyWrites(tx, writesOf(updated))
    await tx.remove(bootTable, [{ vm_id: guest!.id }])
    await tx.insert(bootTable, [{ vm_id: guest!.id, started_at: guest!.startedAt, vcpus: guest!.boot.vcpus, memory_mib: guest!.boot.memoryMiB }])
    await tx.update(itemTable, [{ run: run.id, ordinal: item.ordinal, lease: guest!.id, state: 'running', step: 'dispatched', server_id: guest!.serverId, started_at: nowMs, undo: JSON.stringify(undo), change: JSON.stringify(changeOf(guest!, after, fields, scene)) }])
    const config = { id: guest!.id, name: after.name, type: guest!.facts.type, memoryMiB: after.memoryMiB, vcpus: after.vcpus }
    adjusted.push({ item, poolId: guest!.poolId, undo, request: { job: item.job!, session: null, operation: 'vm.update', serverId: guest!.serverId!, targetServerId: null, guest: config, manner: { force: false, graceMs: 0, forceAfterMs: null } } })
  }
  return adjusted
}

/** Takes intents back whose servers did not do it. */
async function takeBack(tx: Transaction, run: RunRecord, refused: readonly Adjusted[], errorOf: (job: string) => Fault, nowMs: number): Promise<void> {
  await applyWrites(tx, refused.flatMap(one => one.undo))
  await tx.update(itemTable, refused.map(({ item }): Row => ({ run: run.id, ordinal: item.ordinal, lease: null, result: 'failed', state: 'failed', step: 'settled', after_state: 'running', ended_at: nowMs, error: JSON.stringify(errorOf(item.job!)), undo: null, change: null })))
  await addEvents(tx, eventTable, refused.map(({ item }) => ({ at: nowMs, severity: 'error', kind: `${run.operation}-failed`, subject: item.name, subject_id: item.targetId, user: run.user, run: run.id, message: `vm update ${item.name} refused: ${errorOf(item.job!).message}`, change: null })))
}
