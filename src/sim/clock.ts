import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Moment } from '../host/ports.js'
import type { Transaction } from '../store/store.js'
import { shareBandwidth } from './bandwidth.js'
import { endActivity } from './endings.js'
import { activityTable, allColumns, domainTable, guestFileTable, hostTable, sessionTable, worldMeta, type ActivityRow, type DomainRow, type HostRow } from './schema.js'
import { metaNumber, type World } from './world.js'

/** How long to sleep before asking again while another live command holds the clock, in milliseconds of real time. */
const heldPauseMs = 5

/** The farm's clock: virtual time that moves from event to event by waiting, or follows the wall clock at a rate. */
export class SimClock implements Clock {
  constructor(private readonly world: World) {}

  nowMs(): Promise<number> {
    return this.world.store.read(reader => metaNumber(reader, 'now'))
  }

  openSession(): Promise<string> {
    return this.world.store.transact(async tx => {
      const now = await metaNumber(tx, 'now')
      const id = `session-${await nextCounter(tx, 'sessions')}`
      await tx.insert(sessionTable, [{ id, pid: process.pid, born: bornOf(process.pid), hold_at: now }])
      return id
    })
  }

  async closeSession(session: string): Promise<void> {
    await this.world.store.transact(async tx => {
      await this.world.forgetAcknowledged(tx)
      await tx.remove(sessionTable, [{ id: session }])
    })
  }

  async living(sessions: readonly string[]): Promise<string[]> {
    const rows = await this.world.store.read(reader => reader.select<{ id: string; pid: number; born: string }>(
      { id: 'id', pid: 'pid', born: 'born' }, 'from session where id in (select value from json_each(?))', [JSON.stringify(sessions)]))
    return rows.filter(row => bornOf(row.pid) === row.born).map(row => row.id)
  }

  async wait(session: string, untilMs: number | null): Promise<Moment> {
    for (;;) {
      const goal = Math.min((await this.nextDueMs()) ?? Infinity, untilMs ?? Infinity)
      const realMs = goal === Infinity ? 0 : await this.realMsUntil(goal)
      if (realMs > 0) await sleep(realMs)
      const moment = await this.world.store.transact(tx => this.step(tx, session, untilMs))
      if (moment !== 'held') return moment
      await sleep(heldPauseMs)
    }
  }

  /** When the next activity ends; null when nothing is under way. */
  nextDueMs(): Promise<number | null> {
    return this.world.store.read(async reader => (await reader.select<{ at: number | null }>({ at: 'min(due_at)' }, 'from activity where ended_at is null'))[0]!.at)
  }

  /** How many milliseconds of real time pass before the farm's clock shows a time; 0 when it stands still by itself. */
  async realMsUntil(timeMs: number): Promise<number> {
    const { rate, farmNow } = await this.reading()
    return rate > 0 ? Math.max(0, (timeMs - farmNow) / rate) : 0
  }

  /** How the clock runs: its rate (0: it stands still by itself), and the time it shows. */
  reading(): Promise<{ rate: number; farmNow: number }> {
    return this.world.store.read(async reader => {
      const rate = await metaNumber(reader, 'rate')
      const now = await metaNumber(reader, 'now')
      if (rate === 0) return { rate, farmNow: now }
      return { rate, farmNow: Math.max(now, (await metaNumber(reader, 'anchorFarm')) + Math.floor((Date.now() - (await metaNumber(reader, 'anchorWall'))) * rate)) }
    })
  }

  /** Makes the clock follow the wall clock at a rate, or stand still (0). */
  async setRate(rate: number): Promise<void> {
    await this.world.store.transact(async tx => {
      const now = await metaNumber(tx, 'now')
      await setMeta(tx, { rate, anchorWall: Date.now(), anchorFarm: now })
    })
  }

  private async step(tx: Transaction, session: string, untilMs: number | null): Promise<Moment | 'held'> {
    const now = await metaNumber(tx, 'now')
    const [next] = await tx.select<{ at: number | null }>({ at: 'min(due_at)' }, 'from activity where ended_at is null')
    const due = next?.at ?? null
    if (due === null && untilMs === null) return { nowMs: now, serverIds: [], idle: true }
    const to = Math.max(now, Math.min(due ?? Infinity, untilMs ?? Infinity))
    if (to > now && (await this.isHeld(tx, session, to, untilMs))) return 'held'
    const serverIds = due !== null && due <= to ? await this.endDue(tx, to) : []
    await setMeta(tx, { now: to })
    await tx.update(sessionTable, [{ id: session, hold_at: to }])
    return { nowMs: to, serverIds, idle: due === null }
  }

  /** Whether a live command still has something to do before a time; claims of dead ones are dropped. */
  private async isHeld(tx: Transaction, session: string, toMs: number, untilMs: number | null): Promise<boolean> {
    await tx.update(sessionTable, [{ id: session, hold_at: untilMs }])
    const others = await tx.select<{ id: string; pid: number; born: string }>({ id: 'id', pid: 'pid', born: 'born' }, 'from session where id <> ? and hold_at < ?', [session, toMs])
    const dead = others.filter(other => bornOf(other.pid) !== other.born)
    await tx.remove(sessionTable, dead.map(({ id }) => ({ id })))
    return others.length > dead.length
  }

  private async endDue(tx: Transaction, nowMs: number): Promise<string[]> {
    const due = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where due_at <= ? and ended_at is null order by due_at, job', [nowMs])
    const ids = JSON.stringify(due.map(row => row.vm_id))
    const domains = new Map((await tx.select<DomainRow>(allColumns(domainTable), 'from domain where vm_id in (select value from json_each(?))', [ids])).map(row => [row.vm_id, row]))
    const targets = new Map((await tx.select<HostRow>(allColumns(hostTable), 'from host where id in (select value from json_each(?))', [JSON.stringify(due.map(row => row.target_host_id))])).map(row => [row.id, row]))
    const kept: DomainRow[] = []
    const removed: { vm_id: string }[] = []
    const files: { vm_id: string; saved: number }[] = []
    const ended = due.map(activity => {
      const domain = domains.get(activity.vm_id)
      const ending = endActivity(activity, domain, targets.get(activity.target_host_id ?? ''), nowMs)
      if (ending.domain === 'keep') kept.push(domain!)
      else if (domain) removed.push({ vm_id: activity.vm_id })
      if (ending.saved !== null && (activity.resource1 !== null || !domain)) files.push({ vm_id: activity.vm_id, saved: ending.saved })
      return { job: activity.job, due_at: null, ended_at: nowMs, error: ending.error && JSON.stringify(ending.error) }
    })
    await tx.update(domainTable, kept.map(domain => ({ vm_id: domain.vm_id, state: domain.state })))
    const rebooted = new Set(due.filter(activity => activity.kind === 'reboot').map(activity => activity.vm_id))
    await tx.update(domainTable, kept.filter(domain => rebooted.has(domain.vm_id)).map(domain => ({ vm_id: domain.vm_id, started_at: domain.started_at })))
    const moved = new Set(due.filter(activity => activity.target_host_id !== null).map(activity => activity.vm_id))
    await tx.update(domainTable, kept.filter(domain => moved.has(domain.vm_id)).map(domain => ({ vm_id: domain.vm_id, host_id: domain.host_id, target_host_id: null, domain_id: domain.domain_id, vnc_port: domain.vnc_port, target_vnc_port: null })))
    await tx.remove(domainTable, removed)
    await tx.update(guestFileTable, files)
    await tx.update(hostTable, [...targets.values()].map(host => ({ id: host.id, next_domain: host.next_domain })))
    await tx.update(activityTable, ended)
    if (due.some(activity => activity.resource1 !== null)) {
      const flows = await tx.select<ActivityRow>(allColumns(activityTable), 'from activity where resource1 is not null and ended_at is null')
      await tx.update(activityTable, shareBandwidth(flows, nowMs).map(row => ({ ...row })))
    }
    // Whoever asked for the work gets its turn before the clock moves on.
    const owners = [...new Set(due.map(activity => activity.session).filter(owner => owner !== null))]
    await tx.run('update session set hold_at = ? where id in (select value from json_each(?))', [nowMs, JSON.stringify(owners)])
    return [...new Set(due.map(activity => activity.host_id))]
  }
}

/** Writes values of the world's meta table. */
export async function setMeta(tx: Transaction, values: Record<string, number | string>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    await tx.run(`insert into ${worldMeta.name} (key, value) values (?, ?) on conflict (key) do update set value = excluded.value`, [key, String(value)])
  }
}

async function nextCounter(tx: Transaction, key: string): Promise<number> {
  const next = (await metaNumber(tx, key)) + 1
  await setMeta(tx, { [key]: next })
  return next
}

/** When a process began, so that a reused process number is not taken for it; empty when it does not live. */
function bornOf(pid: number): string {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return ''
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'alive'
  } catch {
    return 'alive'
  }
}
