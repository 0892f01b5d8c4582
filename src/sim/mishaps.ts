import type { Notice, ServerPower } from '../host/ports.js'
import type { Fault } from '../model/errors.js'
import type { Transaction } from '../store/store.js'
import { newActivity } from './activity.js'
import { shareBandwidth } from './bandwidth.js'
import { nextCounter } from './meta.js'
import { physics } from './physics.js'
import { activityTable, allColumns, domainTable, hostTable, noticeTable, rowOf, type ActivityRow, type DomainRow, type HostRow, type NoticeRow } from './schema.js'

// What happens in the world that no order asked for. Each is rare, so each looks up for itself what it needs.

/** A boot that nobody asked for: nobody will acknowledge it either. */
const unaskedBoot = 'boot'

/** Lets a guest crash: its domain is gone, and what is under way for it ends. The server it ran on; null when it runs nowhere. */
export async function crashGuest(tx: Transaction, vmId: string, nowMs: number): Promise<string | null> {
  const [domain] = await tx.select<DomainRow>(allColumns(domainTable), 'from domain where vm_id = ?', [vmId])
  if (!domain) return null
  await tx.remove(domainTable, [{ vm_id: vmId }])
  const under = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where vm_id = ? and ended_at is null', [vmId])
  const error: Fault = { code: 'vm.crashed', message: 'the guest crashed', hint: 'start it again', details: null }
  await endByForce(tx, under.map(activity => ({ activity, error })), nowMs)
  await addNotice(tx, domain.host_id, 'guest-crashed', vmId, nowMs)
  return domain.host_id
}

/**
 * Takes a server down: its guests are gone, what is under way on it or to it ends with an error; a guest that was migrating to it
 * stays where it is. `sparing` names work that goes on. The servers that have something to tell.
 */
export async function takeDown(tx: Transaction, hostId: string, power: ServerPower, sparing: string | null, nowMs: number): Promise<string[]> {
  const [host] = await tx.select<HostRow>(allColumns(hostTable), 'from host where id = ?', [hostId])
  const under = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where (host_id = ? or target_host_id = ?) and ended_at is null and job is not ? order by job', [hostId, hostId, sparing])
  await tx.run(`update domain set state = 'running', target_host_id = null, target_vnc_port = null where target_host_id = ?`, [hostId])
  await tx.run('delete from domain where host_id = ?', [hostId])
  // Xen counts its domains from the boot on.
  await tx.update(hostTable, [{ id: hostId, power, next_domain: 1 }])
  await endByForce(tx, under.map(activity => ({ activity, error: lostWith(host!, activity) })), nowMs)
  return [...new Set([hostId, ...under.map(activity => activity.host_id)])]
}

function lostWith(host: HostRow, activity: ActivityRow): Fault {
  const what = activity.vm_id === null ? `server ${host.name} lost power` : activity.host_id === host.id ? `server ${host.name} went down under the guest` : `the target server ${host.name} went down; the guest stays where it is`
  return { code: 'server.lost', message: what, hint: 'server list shows which are up', details: { server: host.name } }
}

/** Power has returned: a server boots by itself. */
export async function bootByItself(tx: Transaction, hostId: string, cause: string, nowMs: number): Promise<void> {
  await tx.update(hostTable, [{ id: hostId, power: 'starting' }])
  await tx.insert(activityTable, [rowOf({ ...newActivity(unaskedBoot, `${unaskedBoot}-${cause}`, hostId, null, null), due_at: nowMs + physics.serverBootMs })])
}

/** Ends due work on the power of servers; the servers that have something to tell. */
export async function endPowerWork(tx: Transaction, due: readonly ActivityRow[], nowMs: number): Promise<string[]> {
  const serverIds = new Set<string>()
  for (const activity of due) {
    serverIds.add(activity.host_id)
    const goesOff = activity.kind === 'power-off' || (activity.kind === 'power-cycle' && activity.tail_ms > 0)
    if (goesOff) for (const id of await takeDown(tx, activity.host_id, activity.kind === 'power-off' ? 'off' : 'starting', activity.job, nowMs)) serverIds.add(id)
    else {
      await tx.update(hostTable, [{ id: activity.host_id, power: 'on' }])
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

/** Notes something for a server to tell. */
export async function addNotice(tx: Transaction, hostId: string, what: Notice['what'], vmId: string | null, nowMs: number): Promise<void> {
  await tx.insert(noticeTable, [rowOf({ id: await nextCounter(tx, 'notices'), host_id: hostId, vm_id: vmId, at: nowMs, what, heard: 0 } satisfies NoticeRow)])
}

/** Shares bandwidth anew among all copies and migrations of the world. */
export async function shareAnew(tx: Transaction, nowMs: number): Promise<void> {
  const flows = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where resource1 is not null and ended_at is null')
  await tx.update(activityTable, shareBandwidth(flows, nowMs).map(rowOf))
}

/** Whoever asked for work that ended gets its turn before the clock moves on. */
export async function giveTurn(tx: Transaction, sessions: readonly (string | null)[], nowMs: number): Promise<void> {
  await tx.run('update session set hold_at = ?, turn = 1 where id in (select value from json_each(?))', [nowMs, JSON.stringify([...new Set(sessions)])])
}

async function endByForce(tx: Transaction, ends: readonly { activity: ActivityRow; error: Fault }[], nowMs: number): Promise<void> {
  const [boots, asked] = [ends.filter(({ activity }) => activity.kind === unaskedBoot), ends.filter(({ activity }) => activity.kind !== unaskedBoot)]
  await tx.remove(activityTable, boots.map(({ activity }) => ({ job: activity.job })))
  await tx.update(activityTable, asked.map(({ activity, error }) => ({ job: activity.job, due_at: null, ended_at: nowMs, error: JSON.stringify(error) })))
  if (asked.some(({ activity }) => activity.resource1 !== null)) await shareAnew(tx, nowMs)
  await giveTurn(tx, asked.map(({ activity }) => activity.session), nowMs)
}
