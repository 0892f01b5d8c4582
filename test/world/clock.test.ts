import { describe, expect, it } from 'vitest'
import type { Moment } from '../../src/host/ports.js'
import { processPresence, type Presence } from '../../src/sim/presence.js'
import { make, type SimFarm } from './sim-farm.js'

/** Clients that live until they are killed, all in this process. */
class Village {
  private readonly dead = new Set<number>()
  private last = 0

  newcomer(): Presence {
    return { pid: ++this.last, born: 'here', isAlive: pid => !this.dead.has(pid) }
  }

  kill(presence: Presence): void {
    this.dead.add(presence.pid)
  }
}

/** Two clients of one world. */
async function two(): Promise<{ one: SimFarm; other: SimFarm; village: Village; presences: Presence[] }> {
  const village = new Village()
  const presences = [village.newcomer(), village.newcomer()]
  const one = await make({ surroundings: { presence: presences[0]! } })
  const other = await one.another({ presence: presences[1]! })
  return { one, other, village, presences }
}

/** Waits, whatever happens, until nothing more can happen. */
async function idleness(farm: SimFarm): Promise<Moment> {
  for (;;) {
    const moment = await farm.clock.wait(farm.session, null)
    if (moment.idle) return moment
  }
}

async function isPending(promise: Promise<unknown>, ms = 150): Promise<boolean> {
  return Promise.race([promise.then(() => false), new Promise<boolean>(resolve => setTimeout(() => resolve(true), ms))])
}

const start = Date.UTC(2010, 6, 28)

describe('the clock between two live clients', () => {
  it('stays where one is busy, until that one waits too', async () => {
    const { one, other } = await two()
    await one.hypervisor('ovs1').create(one.ticket(), one.guest('vm1'))
    const moved = one.clock.wait(one.session, null)
    expect(await isPending(moved)).toBe(true)
    expect(await one.seconds()).toBe(0)
    const waited = idleness(other)
    expect((await moved).nowMs).toBe(start + 30_000)
    // The one is busy again, and nothing is due: the other waits for it, for it may begin something.
    expect(await isPending(waited)).toBe(true)
    await one.clock.closeSession(one.session)
    expect(await waited).toEqual({ nowMs: start + 30_000, serverIds: [], idle: true })
  })

  it('is not idle while another is busy, nor while another waits for a time of its own', async () => {
    const { one, other } = await two()
    const waited = idleness(one)
    expect(await isPending(waited)).toBe(true)
    const later = other.clock.wait(other.session, start + 5_000)
    expect(await isPending(waited)).toBe(true)
    expect(await later).toEqual({ nowMs: start + 5_000, serverIds: [], idle: true })
    await other.hypervisor('ovs2').create(other.ticket(), other.guest('vm2'))
    await other.clock.closeSession(other.session)
    expect(await waited).toEqual({ nowMs: start + 35_000, serverIds: [], idle: true })
  })

  it('lets both be idle when both wait and nothing is due', async () => {
    const { one, other } = await two()
    const waits = [one, other].map(async farm => {
      const moment = await farm.clock.wait(farm.session, null)
      await farm.clock.closeSession(farm.session)
      return moment.idle
    })
    expect(await Promise.all(waits)).toEqual([true, true])
  })

  it('gives a client its turn where its work ended, though another moved the clock', async () => {
    const village = new Village()
    const other = await make({ surroundings: { presence: village.newcomer() } })
    let wake = () => {}
    const asleep = new Promise<void>(resolve => { wake = resolve })
    const one = await other.another({ presence: village.newcomer(), pause: () => asleep })
    await one.hypervisor('ovs1').create(one.ticket(), one.guest('vm1'))
    await other.hypervisor('ovs3').create(other.ticket(), { ...other.guest('vm7'), type: 'hvm' })
    const waited = one.clock.wait(one.session, null)
    expect(await isPending(waited)).toBe(true)
    expect(await other.clock.wait(other.session, null)).toEqual({ nowMs: start + 30_000, serverIds: [one.id('ovs1')], idle: false })
    const later = other.clock.wait(other.session, null)
    expect(await isPending(later)).toBe(true)
    wake()
    expect(await waited).toEqual({ nowMs: start + 30_000, serverIds: [one.id('ovs1')], idle: false })
    expect(await isPending(later)).toBe(true)
    await one.clock.closeSession(one.session)
    expect((await later).nowMs).toBe(start + 45_000)
  })

  it('gives a client its turn when a fault that another wished ends its work', async () => {
    const { one, other } = await two()
    await one.hypervisor('ovs1').create(one.ticket('boot'), one.guest('vm1'))
    const waited = one.clock.wait(one.session, null)
    expect(await isPending(waited)).toBe(true)
    await other.fault('guest-crash', 'vm1')
    expect(await waited).toEqual({ nowMs: start, serverIds: [one.id('ovs1')], idle: false })
    await other.clock.closeSession(other.session)
    expect(await one.ended('ovs1')).toEqual({ boot: 'vm.crashed, powered-off' })
  })

  it('moves on when the one that held it dies', async () => {
    const { one, other, village, presences } = await two()
    await one.hypervisor('ovs1').create(one.ticket(), one.guest('vm1'))
    const waited = one.clock.wait(one.session, null)
    expect(await isPending(waited)).toBe(true)
    expect(await one.clock.living([one.session, other.session, 'nobody'])).toEqual([one.session, other.session])
    village.kill(presences[1]!)
    expect((await waited).nowMs).toBe(start + 30_000)
    expect(await one.clock.living([one.session, other.session])).toEqual([one.session])
  })

  it('hears of the end of a hold, and does not have to ask again', async () => {
    const { one, other } = await two()
    const { store } = one.world
    const changes = store.changes.bind(store)
    // It would never ask again by itself.
    store.changes = () => {
      const heard = changes()
      return { next: (_ms, signal) => heard.next(2_000_000, signal), isBlind: () => heard.isBlind() }
    }
    await one.hypervisor('ovs1').create(one.ticket(), one.guest('vm1'))
    const waited = one.clock.wait(one.session, null)
    expect(await isPending(waited, 300)).toBe(true)
    await other.clock.closeSession(other.session)
    expect((await waited).nowMs).toBe(start + 30_000)
  })

  it('pauses as it is told to, and asks again no sooner', async () => {
    const rounds: number[] = []
    const village = new Village()
    const other = await make({ surroundings: { presence: village.newcomer() } })
    const one = await other.another({ presence: village.newcomer(), pause: async round => {
      rounds.push(round)
      if (round === 2) await other.clock.closeSession(other.session)
    } })
    await one.hypervisor('ovs1').create(one.ticket(), one.guest('vm1'))
    await one.clock.wait(one.session, null)
    expect(rounds).toEqual([0, 1, 2])
  })
})

describe('a wait that is aborted', () => {
  it('ends at once while the clock is held, with the time it is, and holds it again', async () => {
    const { one, other } = await two()
    await one.hypervisor('ovs1').create(one.ticket(), one.guest('vm1'))
    const stop = new AbortController()
    const waited = one.clock.wait(one.session, null, { signal: stop.signal })
    expect(await isPending(waited)).toBe(true)
    stop.abort()
    expect(await isPending(waited, 50)).toBe(false)
    expect(await waited).toEqual({ nowMs: start, serverIds: [], idle: false })
    const later = other.clock.wait(other.session, null)
    expect(await isPending(later)).toBe(true)
    await one.clock.closeSession(one.session)
    expect((await later).nowMs).toBe(start + 30_000)
  })

  it('ends at once while a clock with a rate really waits', async () => {
    const farm = await make()
    await farm.hypervisor('ovs1').create(farm.ticket(), farm.guest('vm1'))
    await farm.clock.setRate(1)
    const stop = new AbortController()
    const waited = farm.clock.wait(farm.session, null, { signal: stop.signal })
    expect(await isPending(waited)).toBe(true)
    stop.abort()
    expect(await isPending(waited, 50)).toBe(false)
    expect(await farm.clock.wait(farm.session, null, { signal: stop.signal })).toMatchObject({ serverIds: [], idle: false })
  })
})

describe('a clock with a rate', () => {
  it('lets nobody who sleeps longer make another miss its time', async () => {
    const { one, other } = await two()
    await one.hypervisor('ovs1').create(one.ticket(), one.guest('vm1'))
    await one.clock.setRate(10)
    const long = one.clock.wait(one.session, null)
    expect(await isPending(long)).toBe(true)
    expect((await other.clock.wait(other.session, start + 5_000)).nowMs).toBe(start + 5_000)
    expect(await isPending(long)).toBe(true)
    await other.clock.closeSession(other.session)
    await one.clock.setRate(0)
    expect((await long).nowMs).toBe(start + 30_000)
  })

  it('notices at once that it was stopped, or that something falls due sooner', async () => {
    const { one, other } = await two()
    await other.clock.closeSession(other.session)
    await one.hypervisor('ovs1').create(one.ticket(), one.guest('vm1'))
    await one.clock.setRate(0.001)
    const waited = one.clock.wait(one.session, null)
    expect(await isPending(waited)).toBe(true)
    await other.clock.setRate(0)
    expect((await waited).nowMs).toBe(start + 30_000)
  })
})

describe('the presence of a process', () => {
  it('knows itself, and nobody else by its number', () => {
    const { pid, born, isAlive } = processPresence()
    expect(isAlive(pid, born)).toBe(true)
    expect(isAlive(pid, 'another')).toBe(false)
    expect(isAlive(4_194_305, born)).toBe(false)
  })
})
