import type { Fault } from '../model/errors.js'
import { qosClasses } from '../model/repositories.js'
import type { Transaction } from '../store/store.js'
import { addNotice, shareAnew } from './aftermath.js'
import { breakHalfWay, filesBroken } from './copy-failure.js'
import { diskResource } from './physics.js'
import { strikes } from './faults.js'
import { metaNumber } from './meta.js'
import { crashGuest, takeDown } from './mishaps.js'
import { bootByItself } from './power-course.js'
import { answeringHosts } from './reports.js'
import { activityTable, allColumns, faultTable, rowOf, type ActivityRow, type FaultRow } from './schema.js'

/** Begins and ends the faults for which it is time; the servers that have something to tell. */
export async function turnFaults(tx: Transaction, nowMs: number): Promise<string[]> {
  const due = await tx.select<FaultRow>(allColumns(faultTable), 'from fault where due_at <= ? order by due_at, number', [nowMs])
  const serverIds: string[] = []
  for (const fault of due) serverIds.push(...(fault.state === 'waiting' ? await beginFault(tx, fault, nowMs) : await endFault(tx, fault, nowMs)))
  return [...new Set(serverIds)]
}

/** Begins a fault: what happens at once happens, what lasts becomes active. Writes its row. The servers that have something to tell. */
export async function beginFault(tx: Transaction, fault: FaultRow, nowMs: number): Promise<string[]> {
  let serverIds: string[] = []
  Object.assign(fault, { state: 'active', due_at: fault.until_at } satisfies Partial<FaultRow>)
  if (fault.kind === 'guest-crash') {
    // A guest that does not run yet is an occasion when it boots.
    const [running] = await tx.select<{ id: string }>({ id: 'vm_id' }, 'from domain where vm_id = ?', [fault.subject_id])
    if (running && strikes(fault, await metaNumber(tx, 'seed'))) serverIds = [(await crashGuest(tx, fault.subject_id, nowMs))!]
  } else if (fault.kind === 'server-power-loss') {
    const [host] = await tx.select<{ power: string }>({ power: 'power' }, 'from host where id = ?', [fault.subject_id])
    if (host!.power === 'off') spend(fault, 0)
    else {
      fault.occasions = 1
      serverIds = await takeDown(tx, fault.subject_id, 'off', null, nowMs)
      await addNotice(tx, fault.subject_id, 'power-lost', null, nowMs)
    }
  } else if (fault.kind === 'copy-fail') await breakCopies(tx, fault, nowMs)
  await tx.update(faultTable, [rowOf(fault)])
  return serverIds
}

/** Ends an active fault: an agent answers again, power returns. Writes its row. The servers that have something to tell. */
export async function endFault(tx: Transaction, fault: FaultRow, nowMs: number): Promise<string[]> {
  const wasActive = fault.state === 'active'
  Object.assign(fault, { state: 'over', due_at: null } satisfies Partial<FaultRow>)
  await tx.update(faultTable, [rowOf(fault)])
  if (!wasActive) return []
  if (fault.kind === 'server-power-loss') await bootByItself(tx, fault.subject_id, `fault-${fault.number}`, nowMs)
  if (fault.kind !== 'agent-down') return []
  // Another fault may keep it silent, or its server is down: then it is back later, and says so then.
  if (!(await answeringHosts(tx, [fault.subject_id])).has(fault.subject_id)) return []
  await addNotice(tx, fault.subject_id, 'agent-back', null, nowMs)
  return [fault.subject_id]
}

function spend(fault: FaultRow, occasions: number): void {
  Object.assign(fault, { state: 'over', due_at: null, occasions } satisfies Partial<FaultRow>)
}

/** Copies that are under way break too, as far as they are not past their half. */
async function breakCopies(tx: Transaction, fault: FaultRow, nowMs: number): Promise<void> {
  const copies = await tx.select<ActivityRow & { memory_mib: number }>(Object.fromEntries([...Object.keys(activityTable.columns).map(column => [column, `a.${column}`]), ['memory_mib', 'd.memory_mib']]),
    `from activity a join domain d on d.vm_id = a.vm_id join file f on f.id = a.vm_id where a.kind in ('save', 'restore') and a.ended_at is null and ? in (a.vm_id, f.repo_id) order by a.job`, [fault.subject_id])
  const files = await tx.select<ActivityRow & { size_mib: number }>(Object.fromEntries([...Object.keys(activityTable.columns).map(column => [column, `a.${column}`]), ['size_mib', 'f.size_mib']]),
    `from activity a join file f on f.id = a.vm_id where a.kind in ('file-copy', 'file-move') and a.ended_at is null and (a.vm_id = ?1 or a.resource1 in (select value from json_each(?2)) or a.resource2 in (select value from json_each(?2))) order by a.job`,
    [fault.subject_id, JSON.stringify([null, ...qosClasses].map(qos => diskResource(fault.subject_id, qos)))])
  const seed = await metaNumber(tx, 'seed')
  const broken = [
    ...copies.flatMap(({ memory_mib, ...copy }) => (breaks(copy, memory_mib) ? [copy] : [])),
    ...files.flatMap(({ size_mib, ...copy }) => (breaks(copy, size_mib, filesBroken) ? [copy] : [])),
  ]
  await tx.update(activityTable, broken.map(rowOf))
  if (broken.length > 0) await shareAnew(tx, nowMs)

  // Only a copy that can still break is an occasion.
  function breaks(copy: ActivityRow, sizeMiB: number, why?: Fault): boolean {
    const before = { ...copy }
    if (!breakHalfWay(copy, sizeMiB, nowMs, why)) return false
    if (strikes(fault, seed)) return true
    Object.assign(copy, before)
    return false
  }
}
