import type { ServerPower } from '../host/ports.js'
import type { Fault } from '../model/errors.js'
import type { Transaction } from '../store/store.js'
import { unaskedBoot } from './activity.js'
import { addNotice, giveTurn, shareAnew } from './aftermath.js'
import { dropPartial } from './file-course.js'
import { activityTable, allColumns, domainTable, hostTable, type ActivityRow, type DomainRow, type HostRow } from './schema.js'

// What happens in the world that no order asked for. Each is rare, so each looks up for itself what it needs.

/** Why work on a guest ends that crashed. */
export const guestCrashed: Fault = { code: 'vm.crashed', message: 'the guest crashed', hint: 'start it again', details: null }

/** Lets a guest crash: its domain is gone, and what is under way for it ends. The server it ran on; null when it runs nowhere. */
export async function crashGuest(tx: Transaction, vmId: string, nowMs: number): Promise<string | null> {
  const [domain] = await tx.select<DomainRow>(allColumns(domainTable), 'from domain where vm_id = ?', [vmId])
  if (!domain) return null
  await tx.remove(domainTable, [{ vm_id: vmId }])
  const under = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where vm_id = ? and ended_at is null', [vmId])
  await endByForce(tx, under.map(activity => ({ activity, error: guestCrashed })), nowMs)
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
  const what = activity.vm_id === null ? `server ${host.name} lost power` : activity.host_id === host.id ? `server ${host.name} went down under it` : `the target server ${host.name} went down; the guest stays where it is`
  return { code: 'server.lost', message: what, hint: 'server list shows which are up', details: { server: host.name } }
}

/** Ends work with errors before its time. */
async function endByForce(tx: Transaction, ends: readonly { activity: ActivityRow; error: Fault }[], nowMs: number): Promise<void> {
  const [boots, asked] = [ends.filter(({ activity }) => activity.kind === unaskedBoot), ends.filter(({ activity }) => activity.kind !== unaskedBoot)]
  await tx.remove(activityTable, boots.map(({ activity }) => ({ job: activity.job })))
  await tx.update(activityTable, asked.map(({ activity, error }) => ({ job: activity.job, due_at: null, ended_at: nowMs, error: JSON.stringify(error) })))
  await dropPartial(tx, asked.map(({ activity }) => activity))
  if (asked.some(({ activity }) => activity.resource1 !== null)) await shareAnew(tx, nowMs)
  await giveTurn(tx, asked.map(({ activity }) => activity.session), nowMs)
}
