import type { Transaction } from '../store/store.js'
import { newActivity, unaskedBoot } from './activity.js'
import { addNotice, giveTurn } from './aftermath.js'
import { takeDown } from './mishaps.js'
import { physics } from './physics.js'
import { answeringHosts } from './reports.js'
import { activityTable, hostTable, rowOf, type ActivityRow } from './schema.js'

/** Power has returned: a server boots by itself. */
export async function bootByItself(tx: Transaction, hostId: string, cause: string, nowMs: number): Promise<void> {
  await tx.update(hostTable, [{ id: hostId, power: 'starting' }])
  await tx.insert(activityTable, [rowOf({ ...newActivity(unaskedBoot, `${unaskedBoot}-${cause}`, hostId, null, null), due_at: nowMs + physics.serverBootMs })])
}

async function endAgentWork(tx: Transaction, activity: ActivityRow, nowMs: number): Promise<void> {
  const agent = activity.kind === 'agent-stop' ? 'stopped' : 'running'
  await tx.update(hostTable, [{ id: activity.host_id, agent }])
  await tx.update(activityTable, [{ job: activity.job, due_at: null, ended_at: nowMs }])
  // What keeps it silent still may do so.
  if ((await answeringHosts(tx, [activity.host_id])).has(activity.host_id)) await addNotice(tx, activity.host_id, 'agent-back', null, nowMs)
  await giveTurn(tx, [activity.session], nowMs)
}

/** Ends due work on the power of servers, and on their agents; the servers that have something to tell. */
export async function endPowerWork(tx: Transaction, due: readonly ActivityRow[], nowMs: number): Promise<string[]> {
  const serverIds = new Set<string>()
  for (const activity of due) {
    serverIds.add(activity.host_id)
    if (activity.kind.startsWith('agent-')) {
      await endAgentWork(tx, activity, nowMs)
      continue
    }
    const goesOff = activity.kind === 'power-off' || (activity.kind === 'power-cycle' && activity.tail_ms > 0)
    if (goesOff) for (const id of await takeDown(tx, activity.host_id, activity.kind === 'power-off' ? 'off' : 'starting', activity.job, nowMs)) serverIds.add(id)
    else {
      // Its agent is started with it.
      await tx.update(hostTable, [{ id: activity.host_id, power: 'on', agent: 'running' }])
      await addNotice(tx, activity.host_id, 'server-back', null, nowMs)
    }
    if (activity.kind === unaskedBoot) await tx.remove(activityTable, [{ job: activity.job }])
    else if (activity.kind === 'power-cycle' && goesOff) await tx.update(activityTable, [{ job: activity.job, due_at: nowMs + activity.tail_ms, tail_ms: 0 }])
    else {
      await tx.update(activityTable, [{ job: activity.job, due_at: null, ended_at: nowMs }])
      await giveTurn(tx, [activity.session], nowMs)
    }
  }
  return [...serverIds]
}
