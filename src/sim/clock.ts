import type { Clock, Moment, WaitManner } from '../host/ports.js'
import { lastClockMs } from '../model/moments.js'
import type { Changes, Reader, Transaction } from '../store/store.js'
import { happen, nextDue, soonest } from './happen.js'
import { metaNumber, nextCounter, setMeta } from './meta.js'
import { processPresence, type Presence } from './presence.js'
import { allColumns, sessionTable, type SessionRow } from './schema.js'
import type { World } from './world.js'

/** How long to wait for word of another live command that holds the clock: its death makes no noise. Doubled up to the most; milliseconds of real time. */
const heldPauseMs = { first: 20, most: 200 }
/** The longest sleep of a clock that runs, in milliseconds of real time: timers hold no more than 24 days. */
const longestSleepMs = 3_600_000

/** What a clock is told of the real world around it. */
export interface ClockSurroundings {
  presence?: Presence
  /** How it pauses, for the n-th time (from 0), while another live command holds the clock, instead of awaiting a change of the world; ends early when the signal aborts. */
  pause?: (round: number, signal?: AbortSignal) => Promise<void>
}

/** How one step of a wait is made; one that may not move the clock changes sessions only. */
interface StepManner { looked: boolean; listening: boolean; stirred: boolean; mayMove: boolean }
/** Why a step did not move the clock: it may not, another session holds it, this one has not looked since it is free, or bytes come from outside. */
type Stood = 'due' | 'held' | 'free' | 'fetching'
/** Why a step did not move the clock: by the wall clock it is too early, for so many milliseconds. */
interface Early { earlyMs: number }

/** Gives those who listen their turn at a moment: time does not pass them before they looked. The sessions as they are then. */
async function rouse(tx: Transaction, sessions: readonly SessionRow[], but: string, nowMs: number): Promise<SessionRow[]> {
  await tx.run('update session set hold_at = ?, turn = 1, listening = 0 where listening = 1 and id <> ?', [nowMs, but])
  return sessions.map(row => (row.listening && row.id !== but ? { ...row, hold_at: nowMs, turn: 1, listening: 0 } : row))
}

/** How the clock runs, and the time it shows. */
async function readingIn(reader: Reader): Promise<{ rate: number; farmNow: number }> {
  const rate = await metaNumber(reader, 'rate')
  const now = await metaNumber(reader, 'now')
  if (rate === 0) return { rate, farmNow: now }
  const shown = (await metaNumber(reader, 'anchorFarm')) + Math.floor((Date.now() - (await metaNumber(reader, 'anchorWall'))) * rate)
  return shown > lastClockMs ? { rate: 0, farmNow: now } : { rate, farmNow: Math.max(now, shown) }
}

/** How many milliseconds of real time pass before the farm's clock shows a time; 0 when it stands still by itself. */
async function realMsUntil(reader: Reader, timeMs: number): Promise<number> {
  const { rate, farmNow } = await readingIn(reader)
  return rate > 0 ? Math.max(0, (timeMs - farmNow) / rate) : 0
}

/** The farm's clock: virtual time that moves from event to event by waiting, or follows the wall clock at a rate. */
export class SimClock implements Clock {
  private readonly presence: Presence
  /** how many sessions there had been when this one was found to be the only one left */
  private aloneSince: number | null = null
  /** whether there were others when it was last looked */
  private crowded = false

  constructor(private readonly world: World, private readonly surroundings: ClockSurroundings = {}) {
    this.presence = surroundings.presence ?? processPresence()
  }

  nowMs(): Promise<number> {
    return this.world.store.read(reader => metaNumber(reader, 'now'))
  }

  openSession(): Promise<string> {
    return this.world.store.transact(async tx => {
      const now = await metaNumber(tx, 'now')
      const id = `session-${await nextCounter(tx, 'sessions')}`
      await tx.insert(sessionTable, [{ id, pid: this.presence.pid, born: this.presence.born, hold_at: now, turn: 0, listening: 0 }])
      return id
    }, 'passing')
  }

  async closeSession(session: string): Promise<void> {
    await this.world.fetches.release()
    await this.world.store.transact(async tx => {
      await this.world.forgetAcknowledged(tx)
      await tx.remove(sessionTable, [{ id: session }])
      // What this command did last, those who listen may have waited for.
      await tx.run('update session set hold_at = ?, turn = 1, listening = 0 where listening = 1', [await metaNumber(tx, 'now')])
    }, 'passing')
  }

  async living(sessions: readonly string[]): Promise<string[]> {
    const rows = await this.world.store.read(reader => reader.select<SessionRow>(allColumns(sessionTable), 'from session where id in (select value from json_each(?))', [JSON.stringify(sessions)]))
    return rows.filter(row => this.isAlive(row)).map(row => row.id)
  }

  async wait(session: string, untilMs: number | null, { signal, news, stirred = false }: WaitManner = {}): Promise<Moment> {
    const changes = this.world.store.changes()
    const pause = this.surroundings.pause ?? (round => changes.next(Math.min(heldPauseMs.most, heldPauseMs.first * 2 ** round), signal))
    for (let round = 0, looked = news === undefined; ; ) {
      if (signal?.aborted) return this.breakOff(session)
      const first = stirred
      stirred = false
      const moment = await this.next(session, untilMs, { looked, listening: news !== undefined, stirred: first })
      if (typeof moment !== 'string' && 'nowMs' in moment) return moment
      // While it really sleeps, whatever somebody does may fall due sooner, or stop the clock.
      if (typeof moment !== 'string') await changes.next(Math.min(moment.earlyMs, longestSleepMs), signal)
      else if (moment === 'held') await pause(round++, signal)
      else if (moment === 'fetching') {
        const serverIds = await this.world.fetches.attend(session, row => this.isAlive(row), changes, signal)
        if (serverIds.length > 0) return { nowMs: await this.nowMs(), serverIds, idle: false }
      }
      if (news) {
        if (await news()) return this.breakOff(session)
        looked = moment === 'free'
      }
    }
  }

  /** When the next work ends, or the next fault begins or ends; null when nothing is due. */
  nextDueMs(): Promise<number | null> {
    return this.world.store.read(async reader => soonest(await nextDue(reader)))
  }

  /** Word of what changes in the world, for one who only looks on. */
  changes(): Changes {
    return this.world.store.changes()
  }

  /**
   * What one who only looks on has to know: whether live commands are at work on the farm, and in how many milliseconds of real
   * time something falls due by itself, `alsoAtMs` (farm time) with it; null when the clock stands, or nothing will.
   */
  async outlook(alsoAtMs: number | null): Promise<{ busy: boolean; dueInMs: number | null }> {
    const { sessions, due } = await this.world.store.read(async reader => ({ sessions: await reader.select<SessionRow>(allColumns(sessionTable), 'from session'), due: await nextDue(reader) }))
    const busy = sessions.some(session => this.isAlive(session))
    const goal = Math.min(soonest(due) ?? Infinity, alsoAtMs ?? Infinity)
    return { busy, dueInMs: due.rate === 0 || goal === Infinity ? null : await this.world.store.read(reader => realMsUntil(reader, goal)) }
  }

  /** How the clock runs: its rate (0: it stands still by itself, as one does that ran past its end), and the time it shows. */
  reading(): Promise<{ rate: number; farmNow: number }> {
    return this.world.store.read(readingIn)
  }

  /** Makes the clock follow the wall clock at a rate, or stand still (0). */
  async setRate(rate: number): Promise<void> {
    await this.world.store.transact(async tx => {
      const now = await metaNumber(tx, 'now')
      await setMeta(tx, { rate, anchorWall: Date.now(), anchorFarm: now })
    })
  }

  /** A wait that was aborted: the session is busy again, so it holds the clock where it is. */
  private breakOff(session: string): Promise<Moment> {
    return this.world.store.transact(async tx => {
      const nowMs = await metaNumber(tx, 'now')
      await tx.update(sessionTable, [{ id: session, hold_at: nowMs, turn: 0, listening: 0 }])
      return { nowMs, serverIds: [], idle: false }
    }, 'passing')
  }

  /** One step of a wait. What sessions do does not outlive them, so that only what moves the clock waits for the disk. */
  private async next(session: string, untilMs: number | null, manner: Omit<StepManner, 'mayMove'>): Promise<Moment | Early | Exclude<Stood, 'due'>> {
    if (this.crowded) {
      if (!manner.stirred && (await this.world.store.read(reader => this.staysHeld(reader, session, untilMs, manner.listening)))) return 'held'
      const step = await this.world.store.transact(tx => this.step(tx, session, untilMs, { ...manner, mayMove: false }), 'passing')
      if (step !== 'due') return step
      manner = { ...manner, stirred: false }
    }
    return this.world.store.transact(tx => this.step(tx, session, untilMs, { ...manner, mayMove: true })) as Promise<Moment | Early | Exclude<Stood, 'due'>>
  }

  /**
   * Whether a step would find the clock held as the one before did, and write nothing. Every commit wakes all who wait, so that what
   * each of them asks first has to be little.
   */
  private async staysHeld(reader: Reader, session: string, untilMs: number | null, listening: boolean): Promise<boolean> {
    const due = await nextDue(reader)
    const to = Math.min(soonest(due) ?? Infinity, untilMs ?? Infinity)
    if (due.rate !== 0 || due.fetches > 0 || to <= due.now) return false
    const [first, second] = await reader.select<SessionRow>(allColumns(sessionTable), 'from session where id = ? or hold_at < ? order by id = ? desc, hold_at limit 2', [session, to === Infinity ? lastClockMs + 1 : to, session])
    if (first?.id !== session || first.turn || first.hold_at !== untilMs || first.listening !== Number(listening)) return false
    return second !== undefined && this.isAlive(second)
  }

  /** One step of a wait; nothing moves when it is too early by the wall clock, another session holds the clock, or this one has not `looked` since it is free. */
  private async step(tx: Transaction, session: string, untilMs: number | null, { looked, listening, stirred, mayMove }: StepManner): Promise<Moment | Early | Stood> {
    await this.world.forgetAcknowledged(tx)
    const due = await nextDue(tx)
    const { now } = due
    let sessions = await tx.select<SessionRow>(allColumns(sessionTable), 'from session')
    this.crowded = sessions.length > 1
    if (stirred && sessions.some(row => row.id !== session && row.listening)) sessions = await rouse(tx, sessions, session, now)
    const own = sessions.find(row => row.id === session)
    if (own?.turn) return this.takeTurn(tx, own, now)
    const goal = Math.min(soonest(due) ?? Infinity, untilMs ?? Infinity)
    const earlyMs = due.rate === 0 || goal === Infinity ? 0 : await realMsUntil(tx, goal)
    const to = Math.max(now, goal)
    // Time stands while bytes come from outside: only then it is known how long that takes here.
    if (due.fetches > 0 && to > now) return 'fetching'
    if (earlyMs > 0 || (to > now && (await this.isHeld(tx, sessions, session, to)))) {
      // It waits for that long, and holds nobody before; written once, for every commit wakes all who wait.
      if (own?.hold_at !== untilMs || own.listening !== Number(listening)) await tx.update(sessionTable, [{ id: session, hold_at: untilMs, listening: Number(listening) }])
      return earlyMs > 0 ? { earlyMs } : 'held'
    }
    if (to > now && !looked && !(await this.stayedAlone(tx, sessions.length === 1))) {
      await tx.update(sessionTable, [{ id: session, hold_at: now }])
      return 'free'
    }
    if (to === Infinity) {
      await tx.update(sessionTable, [{ id: session, hold_at: now }])
      return { nowMs: now, serverIds: [], idle: true }
    }
    if (!mayMove) return 'due'
    const serverIds = await happen(tx, due, to)
    await setMeta(tx, { now: to })
    await tx.update(sessionTable, [{ id: session, hold_at: to, turn: 0, listening: 0 }])
    if (serverIds.length > 0 && sessions.length > 1) await rouse(tx, sessions, session, to)
    return { nowMs: to, serverIds, idle: soonest(due) === null && due.fetches === 0 && !(await this.isHeld(tx, sessions, session, Infinity)) }
  }

  /** Whether there has been no other session since this one was first found alone: then nobody can have done anything. */
  private async stayedAlone(tx: Transaction, alone: boolean): Promise<boolean> {
    const count = alone ? await metaNumber(tx, 'sessions') : null
    const stayed = alone && count === this.aloneSince
    this.aloneSince = count
    return stayed
  }

  /** Somebody else moved the clock to where work of this session ended. */
  private async takeTurn(tx: Transaction, own: SessionRow, now: number): Promise<Moment> {
    await tx.update(sessionTable, [{ id: own.id, hold_at: now, turn: 0, listening: 0 }])
    const ended = await tx.select<{ id: string }>({ id: 'distinct host_id' }, 'from activity where session = ? and ended_at = ? order by 1', [own.id, now])
    return { nowMs: now, serverIds: ended.map(row => row.id), idle: false }
  }

  /**
   * Whether a live command still has something to do before a time (Infinity: at any time, for then it may begin something at the
   * time it holds); claims of dead ones are dropped.
   */
  private async isHeld(tx: Transaction, sessions: readonly SessionRow[], session: string, toMs: number): Promise<boolean> {
    const others = sessions.filter(row => row.id !== session && row.hold_at !== null && row.hold_at < toMs)
    const dead = others.filter(row => !this.isAlive(row))
    if (dead.length > 0) await tx.remove(sessionTable, dead.map(({ id }) => ({ id })))
    return others.length > dead.length
  }

  private isAlive({ pid, born }: SessionRow): boolean {
    return this.presence.isAlive(pid, born)
  }
}
