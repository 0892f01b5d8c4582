import type { Reader, Transaction } from '../store/store.js'
import { giveTurn, shareAnew } from './aftermath.js'
import { endActivity } from './endings.js'
import { endFileWork, isFileWork } from './file-course.js'
import { turnFaults } from './fault-course.js'
import { endPowerWork } from './power-course.js'
import { activityTable, allColumns, domainTable, fileTable, hostTable, type ActivityRow, type DomainRow, type HostRow } from './schema.js'

/** When the next work ends and the next fault begins or ends; null: nothing is due. `rate` is that of the clock, 0 when it stands. */
export interface Due { now: number; rate: number; work: number | null; fault: number | null; /** how many fetches wait for bytes from outside */ fetches: number }

/** What time it is in the world and what is due next, in one query: every step of time asks it. */
export async function nextDue(reader: Reader): Promise<Due> {
  const meta = (key: string) => `(select cast(value as real) from meta where key = '${key}')`
  const [due] = await reader.select<Due>({ now: meta('now'), rate: meta('rate'), work: '(select min(due_at) from activity where due_at is not null)', fault: '(select min(due_at) from fault)', fetches: '(select count(*) from fetch)' }, '')
  return due!
}

/** The sooner of what is due; null: nothing is. */
export function soonest({ work, fault }: Pick<Due, 'work' | 'fault'>): number | null {
  return work === null ? fault : fault === null ? work : Math.min(work, fault)
}

/**
 * Lets happen what is due at a moment: first work ends, then power changes, then faults begin or end, so that what ends at the
 * moment of a fault has ended. The servers that have something to tell.
 */
export async function happen(tx: Transaction, due: Due, nowMs: number): Promise<string[]> {
  const serverIds: string[] = []
  if (due.work !== null && due.work <= nowMs) serverIds.push(...(await endWork(tx, nowMs)))
  if (due.fault !== null && due.fault <= nowMs) serverIds.push(...(await turnFaults(tx, nowMs)))
  return [...new Set(serverIds)]
}

async function endWork(tx: Transaction, nowMs: number): Promise<string[]> {
  const due = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where due_at <= ? order by due_at, job', [nowMs])
  const onObjects = due.filter((activity): activity is GuestActivity => activity.vm_id !== null)
  const fileWork = onObjects.filter(isFileWork)
  const guestWork = fileWork.length === 0 ? onObjects : onObjects.filter(activity => !isFileWork(activity))
  await endGuestWork(tx, guestWork, nowMs)
  await endFileWork(tx, fileWork, nowMs)
  const elsewhere = onObjects.length === due.length ? [] : await endPowerWork(tx, due.filter(activity => activity.vm_id === null), nowMs)
  return [...onObjects.map(activity => activity.host_id), ...elsewhere]
}

type GuestActivity = ActivityRow & { vm_id: string }

async function endGuestWork(tx: Transaction, due: readonly GuestActivity[], nowMs: number): Promise<void> {
  if (due.length === 0) return
  const ids = JSON.stringify(due.map(row => row.vm_id))
  const domains = new Map((await tx.select<DomainRow>(allColumns(domainTable), 'from domain where vm_id in (select value from json_each(?))', [ids])).map(row => [row.vm_id, row]))
  const targets = new Map((await tx.select<HostRow>(allColumns(hostTable), 'from host where id in (select value from json_each(?))', [JSON.stringify(due.map(row => row.target_host_id))])).map(row => [row.id, row]))
  const kept: DomainRow[] = []
  const removed: { vm_id: string }[] = []
  const files: { id: string; saved: number }[] = []
  const ended = due.map(activity => {
    const domain = domains.get(activity.vm_id)
    const ending = endActivity(activity, domain, targets.get(activity.target_host_id ?? ''), nowMs)
    if (ending.domain === 'keep') kept.push(domain!)
    else if (domain) removed.push({ vm_id: activity.vm_id })
    if (ending.saved !== null && (activity.resource1 !== null || !domain)) files.push({ id: activity.vm_id, saved: ending.saved })
    return { job: activity.job, due_at: null, ended_at: nowMs, error: ending.error && JSON.stringify(ending.error) }
  })
  await tx.update(domainTable, kept.map(domain => ({ vm_id: domain.vm_id, state: domain.state })))
  const rebooted = new Set(due.filter(activity => activity.kind === 'reboot').map(activity => activity.vm_id))
  await tx.update(domainTable, kept.filter(domain => rebooted.has(domain.vm_id)).map(domain => ({ vm_id: domain.vm_id, started_at: domain.started_at })))
  const moved = new Set(due.filter(activity => activity.target_host_id !== null).map(activity => activity.vm_id))
  await tx.update(domainTable, kept.filter(domain => moved.has(domain.vm_id)).map(domain => ({ vm_id: domain.vm_id, host_id: domain.host_id, target_host_id: null, domain_id: domain.domain_id, vnc_port: domain.vnc_port, target_vnc_port: null })))
  await tx.remove(domainTable, removed)
  await tx.update(fileTable, files)
  await tx.update(hostTable, [...targets.values()].map(host => ({ id: host.id, next_domain: host.next_domain })))
  await tx.update(activityTable, ended)
  if (due.some(activity => activity.resource1 !== null)) await shareAnew(tx, nowMs)
  await giveTurn(tx, due.map(activity => activity.session), nowMs)
}
