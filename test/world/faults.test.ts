import { statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareBandwidth } from '../../src/sim/bandwidth.js'
import { newActivity } from '../../src/sim/activity.js'
import { breakHalfWay } from '../../src/sim/copy-failure.js'
import { ActiveFaults } from '../../src/sim/faults.js'
import type { FaultRow } from '../../src/sim/schema.js'
import { graceful, make, refusal } from './sim-farm.js'

describe('a crash of a guest', () => {
  it('ends its boot, leaves it powered off, and is told by its server', async () => {
    const farm = await make()
    await farm.hypervisor('ovs1').create(farm.ticket('start'), farm.guest('vm1'))
    await farm.fault('guest-crash', 'vm1', { afterMs: 15_000 })
    expect(await farm.next()).toBe(15)
    expect(await farm.ended('ovs1')).toEqual({ start: 'vm.crashed, powered-off' })
    expect(await farm.hypervisor('ovs1').notices()).toEqual([{ id: 1, serverId: farm.id('ovs1'), vmId: farm.id('vm1'), atMs: Date.UTC(2010, 6, 28, 0, 0, 15), what: 'guest-crashed' }])
    expect(await farm.ringing()).toEqual(['ovs1'])
    expect(await farm.faults()).toMatchObject([{ id: 'fault-1', kind: 'guest-crash', subject: 'vm1', state: 'over', occasions: 1, until: null }])
    farm.world.acknowledge(['start'])
    farm.world.acknowledgeNotices([1])
    expect(await farm.ringing()).toEqual([])
    expect(await farm.told('ovs1')).toEqual([])
    await farm.world.forget()
    expect(await (await farm.another()).ringing()).toEqual([])
  })

  it('ends a migration and frees the room on both servers', async () => {
    const farm = await make({ running: true })
    const other = await farm.state('vm1') === 'running on ovs1' ? 'ovs2' : 'ovs1'
    const source = other === 'ovs1' ? 'ovs2' : 'ovs1'
    await farm.hypervisor(source).migrate(farm.ticket('move'), farm.id('vm1'), farm.id(other))
    await farm.fault('guest-crash', 'vm1', { afterMs: 1_000 })
    await farm.next()
    expect(await farm.ended(source)).toEqual({ move: 'vm.crashed, powered-off' })
    expect(await farm.rows({ id: 'vm_id' }, `from domain where vm_id = '${farm.id('vm1')}'`)).toEqual([])
  })

  it('waits for the boot of a guest that does not run, and breaks it off half way, once', async () => {
    const farm = await make()
    await farm.fault('guest-crash', 'vm1')
    expect(await farm.faults()).toMatchObject([{ state: 'active', occasions: 0 }])
    expect(await farm.ringing()).toEqual([])
    await farm.hypervisor('ovs1').create(farm.ticket('start'), farm.guest('vm1'))
    expect(await farm.next()).toBe(15)
    expect(await farm.ended('ovs1')).toEqual({ start: 'vm.crashed, powered-off' })
    expect(await farm.faults()).toMatchObject([{ state: 'over', occasions: 1 }])
    await farm.hypervisor('ovs1').create(farm.ticket('again'), farm.guest('vm1'))
    expect(await farm.next()).toBe(45)
    expect(await farm.state('vm1')).toBe('running on ovs1')
  })

  it('comes after what ends at the same moment', async () => {
    const farm = await make()
    await farm.hypervisor('ovs1').create(farm.ticket('start'), farm.guest('vm1'))
    await farm.fault('guest-crash', 'vm1', { afterMs: 30_000 })
    expect(await farm.next()).toBe(30)
    expect(await farm.ended('ovs1')).toEqual({ start: 'powered-off' })
  })
})

describe('a loss of power', () => {
  it('takes the guests down, ends what is under way on the server or to it, and gives their bandwidth back', async () => {
    const farm = await make({ preset: 'figure-7' })
    for (const name of ['vm1', 'vm2']) await farm.hypervisor('ovs1').create(farm.ticket(), farm.guest(name))
    for (const name of ['vm3', 'vm4']) await farm.hypervisor('ovs2').create(farm.ticket(), farm.guest(name))
    await farm.next()
    await farm.hypervisor('ovs1').migrate(farm.ticket('to-it'), farm.id('vm1'), farm.id('ovs2'))
    await farm.hypervisor('ovs2').migrate(farm.ticket('from-it'), farm.id('vm3'), farm.id('ovs1'))
    await farm.hypervisor('ovs2').create(farm.ticket('boot'), farm.guest('vm5'))
    await farm.hypervisor('ovs1').save(farm.ticket('apart'), farm.id('vm2'))
    await farm.hypervisor('ovs2').save(farm.ticket('saving'), farm.id('vm4'))
    await farm.fault('server-power-loss', 'ovs2', { afterMs: 10_000 })
    expect(await farm.next()).toBe(40)
    expect(await farm.ended('ovs1')).toMatchObject({ 'to-it': 'server.lost, running' })
    expect(await farm.ended('ovs2')).toMatchObject({ 'from-it': 'server.lost, powered-off', boot: 'server.lost, powered-off', saving: 'server.lost, powered-off' })
    expect(await Promise.all(['vm1', 'vm3', 'vm4', 'vm5'].map(name => farm.state(name)))).toEqual(['running on ovs1', 'powered-off', 'powered-off', 'powered-off'])
    expect(await farm.power('ovs2').status()).toBe('off')
    expect(await refusal(farm.hypervisor('ovs2').create(farm.ticket(), farm.guest('vm6')))).toBe('agent.unreachable')
    // Two saves shared 200 MB/s for 10 s; then one had it alone: 1,000 MB and the rest of 4,294,967,296 bytes at 200 MB/s, and 2 s.
    expect(await farm.next()).toBeCloseTo(40 + (4_294.967296 - 1_000) / 200 + 2, 2)
    expect(await farm.ended('ovs1')).toMatchObject({ apart: 'suspended' })
  })

  it('rings once though the server is silent, and again when it is back', async () => {
    const farm = await make({ running: true })
    await farm.fault('server-power-loss', 'ovs1', { forMs: 600_000 })
    expect(await farm.ringing()).toEqual(['ovs1'])
    expect(await farm.world.answers(farm.id('ovs1'))).toBe(false)
    await farm.world.heard([farm.id('ovs1')])
    expect(await farm.ringing()).toEqual([])
    expect(await refusal(farm.power('ovs1').on(farm.ticket()))).toBe('agent.refused')
    await farm.pass(600)
    expect(await farm.power('ovs1').status()).toBe('starting')
    expect(await farm.ringing()).toEqual([])
    await farm.pass(180)
    expect(await farm.power('ovs1').status()).toBe('on')
    expect(await farm.ringing()).toEqual(['ovs1'])
    expect(await farm.told('ovs1')).toEqual(['power-lost', 'server-back'])
    expect(await farm.faults()).toMatchObject([{ state: 'over', occasions: 1 }])
    expect(await farm.rows({ job: 'job' }, 'from activity')).toEqual([])
  })

  it('lasts until somebody switches the server on, when nobody said how long', async () => {
    const farm = await make({ running: true })
    await farm.fault('server-power-loss', 'ovs3')
    await farm.pass(3_600)
    expect(await farm.power('ovs3').status()).toBe('off')
    await farm.power('ovs3').on(farm.ticket('on'))
    expect(await farm.faults()).toMatchObject([{ state: 'over', until: '2010-07-28T01:00:00Z' }])
    await farm.pass(180)
    expect(await farm.power('ovs3').outcomes()).toMatchObject([{ job: 'on', error: null, power: 'on' }])
  })

  it('ends when it is cleared: the server boots by itself; a second loss meanwhile stops that', async () => {
    const farm = await make()
    await farm.fault('server-power-loss', 'ovs1', { forMs: 86_400_000 })
    await farm.clear('fault-1')
    await farm.pass(100)
    expect(await farm.power('ovs1').status()).toBe('starting')
    await farm.fault('server-power-loss', 'ovs1', { forMs: 10_000 })
    expect(await farm.power('ovs1').status()).toBe('off')
    await farm.pass(189)
    expect(await farm.power('ovs1').status()).toBe('starting')
    await farm.pass(1)
    expect(await farm.power('ovs1').status()).toBe('on')
  })
})

describe('a guest that hangs', () => {
  it('is not shut down within its grace, but by force, at once or after a while', async () => {
    const farm = await make({ running: true })
    for (const name of ['vm7', 'vm8', 'vm9']) await farm.fault('guest-hang', name)
    await farm.hypervisor('ovs3').shutdown(farm.ticket('asked'), farm.id('vm7'), graceful)
    await farm.hypervisor('ovs3').shutdown(farm.ticket('forced'), farm.id('vm8'), { ...graceful, force: true })
    await farm.hypervisor('ovs3').shutdown(farm.ticket('late'), farm.id('vm9'), { ...graceful, forceAfterMs: 20_000 })
    expect(await farm.next()).toBe(1)
    expect(await farm.ended('ovs3')).toEqual({ forced: 'powered-off' })
    expect(await farm.next()).toBe(21)
    expect(await farm.next()).toBe(60)
    expect(await farm.ended('ovs3')).toEqual({ forced: 'powered-off', late: 'powered-off', asked: 'vm.shutdown-timeout, running' })
    expect((await farm.faults()).map(fault => fault.occasions)).toEqual([1, 0, 1])
  })

  it('is not rebooted either, and is after the fault', async () => {
    const farm = await make({ running: true })
    await farm.fault('guest-hang', 'vm7', { count: 1 })
    await farm.hypervisor('ovs3').reboot(farm.ticket('first'), farm.id('vm7'))
    expect(await farm.next()).toBe(60)
    await farm.hypervisor('ovs3').reboot(farm.ticket('second'), farm.id('vm7'))
    expect(await farm.next()).toBe(100)
    expect(await farm.ended('ovs3')).toEqual({ first: 'vm.shutdown-timeout, running', second: 'running' })
  })
})

describe('a copy that fails', () => {
  it('breaks half way: what was to be suspended runs on, what was to be resumed stays suspended', async () => {
    const farm = await make({ running: true })
    const { hypervisor } = { hypervisor: farm.hypervisor('ovs3') }
    await farm.fault('copy-fail', 'vm7', { count: 1 })
    await hypervisor.save(farm.ticket('broken'), farm.id('vm7'))
    const half = await farm.next()
    expect(await farm.ended('ovs3')).toEqual({ broken: 'vm.copy-failed, running' })
    await hypervisor.save(farm.ticket('whole'), farm.id('vm7'))
    const whole = (await farm.next()) - half
    expect(half).toBeCloseTo(whole / 2, 2)
    await farm.fault('copy-fail', 'vm7')
    await hypervisor.restore(farm.ticket('back'), farm.guest('vm7'))
    await farm.next()
    expect(await farm.ended('ovs3')).toMatchObject({ whole: 'suspended', back: 'vm.copy-failed, suspended' })
    await farm.clear()
    await hypervisor.restore(farm.ticket('again'), farm.guest('vm7'))
    await farm.next()
    expect(await farm.state('vm7')).toBe('running on ovs3')
  })

  it('of a repository breaks what is under way and not past its half', async () => {
    const farm = await make({ running: true })
    const [repo] = await farm.rows<{ id: string }>({ id: 'repo_id' }, `from file where id = '${farm.id('vm7')}'`)
    await farm.hypervisor('ovs3').save(farm.ticket('early'), farm.id('vm7'))
    await farm.pass(10)
    await farm.fault('copy-fail', repo!.id, { afterMs: 2_000 })
    await farm.pass(1)
    await farm.hypervisor('ovs3').save(farm.ticket('late'), farm.id('vm8'))
    await farm.pass(3_600)
    expect(await farm.ended('ovs3')).toEqual({ early: 'suspended', late: 'vm.copy-failed, running' })
    expect(await farm.faults()).toMatchObject([{ occasions: 1, state: 'active' }])
  })

  it('ends at half its time, whatever its size (property)', () => {
    fc.assert(fc.property(fc.integer({ min: 256, max: 65_536 }), fc.integer({ min: 0, max: 1_000_000 }), (memoryMiB, now) => {
      const whole = { ...newActivity('save', 'whole', 'h', null, 'v'), resource1: 'disk:r', remaining: memoryMiB * 1_048_576, tail_ms: 2_000 }
      const broken = { ...whole, job: 'broken' }
      expect(breakHalfWay(broken, memoryMiB, now)).toBe(true)
      expect(breakHalfWay({ ...whole, remaining: whole.remaining / 2 }, memoryMiB, now)).toBe(false)
      shareBandwidth([whole], now)
      shareBandwidth([broken], now)
      expect(Math.abs(broken.due_at! - now - (whole.due_at! - now) / 2)).toBeLessThanOrEqual(1)
    }))
  })
})

describe('a lock that is stuck', () => {
  it('refuses what would run the guest elsewhere, as often as it is asked', async () => {
    const farm = await make({ preset: 'figure-7' })
    await farm.hypervisor('ovs1').create(farm.ticket(), farm.guest('vm1'))
    await farm.hypervisor('ovs1').create(farm.ticket(), farm.guest('vm2'))
    await farm.next()
    await farm.hypervisor('ovs1').save(farm.ticket(), farm.id('vm2'))
    await farm.next()
    for (const name of ['vm1', 'vm2', 'vm3']) await farm.fault('lock-stuck', name, { forMs: 60_000 })
    expect(await refusal(farm.hypervisor('ovs1').migrate(farm.ticket(), farm.id('vm1'), farm.id('ovs2')))).toBe('vm.locked')
    expect(await refusal(farm.hypervisor('ovs2').restore(farm.ticket(), farm.guest('vm2')))).toBe('vm.locked')
    expect(await refusal(farm.hypervisor('ovs2').create(farm.ticket(), farm.guest('vm3')))).toBe('vm.locked')
    expect((await farm.faults()).map(fault => fault.occasions)).toEqual([1, 1, 1])
    await farm.pass(60)
    await farm.hypervisor('ovs2').create(farm.ticket(), farm.guest('vm3'))
    await farm.next()
    expect(await farm.state('vm3')).toBe('running on ovs2')
  })
})

describe('an agent that is down', () => {
  it('answers nobody until the fault ends, and then has something to tell', async () => {
    const farm = await make()
    await farm.hypervisor('ovs1').create(farm.ticket('start'), farm.guest('vm1'))
    await farm.fault('agent-down', 'ovs1', { afterMs: 10_000, forMs: 60_000 })
    expect(await farm.world.answers(farm.id('ovs1'))).toBe(true)
    await farm.pass(10)
    expect(await Promise.all(['ovs1', 'ovs2'].map(name => farm.world.answers(farm.id(name))))).toEqual([false, true])
    await farm.pass(30)
    expect(await farm.ringing()).toEqual([])
    await farm.pass(30)
    expect(await farm.world.answers(farm.id('ovs1'))).toBe(true)
    expect(await farm.ringing()).toEqual(['ovs1'])
    expect(await farm.told('ovs1')).toEqual(['agent-back'])
  })

  it('is back when the last of two such faults is cleared', async () => {
    const farm = await make()
    await farm.fault('agent-down', 'ovs1')
    await farm.fault('agent-down', 'ovs1')
    await farm.clear('fault-2')
    expect(await farm.told('ovs1')).toEqual([])
    await farm.clear()
    expect(await farm.told('ovs1')).toEqual(['agent-back'])
    expect(await farm.faults()).toEqual([])
  })
})

describe('answers that are lost', () => {
  it('are those of the server, or about the guest; each is an occasion', async () => {
    const farm = await make()
    const [one, two] = [farm.id('ovs1'), farm.id('ovs2')]
    await farm.fault('reply-lost', 'ovs1', { count: 2 })
    await farm.fault('reply-lost', 'vm3')
    expect(await Promise.all([farm.world.losesReply(one, []), farm.world.losesReply(two, [farm.id('vm1')]), farm.world.losesReply(two, [farm.id('vm1'), farm.id('vm3')]), farm.world.losesReply(one, [])])).toEqual([true, false, true, true])
    expect(await farm.world.losesReply(one, [])).toBe(false)
    expect(await farm.faults()).toMatchObject([{ occasions: 2, state: 'over' }, { occasions: 1, state: 'active' }])
  })

  it('cost no commit while no fault can strike', async () => {
    const farm = await make()
    await farm.fault('reply-lost', 'ovs2')
    const written = () => statSync(join(farm.folder, 'world.db-wal')).size
    const before = written()
    expect(await Promise.all(Array.from({ length: 50 }, () => farm.world.losesReply(farm.id('ovs1'), [farm.id('vm1')])))).toEqual(Array.from({ length: 50 }, () => false))
    await farm.world.answers(farm.id('ovs1'))
    await farm.world.ringing()
    await farm.world.heard([farm.id('ovs1')])
    expect(written()).toBe(before)
  })

  it('are drawn from the seed of the farm: the same ones each time', async () => {
    const draw = async (seed: number) => {
      const farm = await make({ seed })
      await farm.fault('reply-lost', 'ovs1', { probability: 0.5 })
      const lost: boolean[] = []
      for (let at = 0; at < 40; at++) lost.push(await farm.world.losesReply(farm.id('ovs1'), []))
      return lost
    }
    const [first, again, other] = [await draw(7), await draw(7), await draw(8)]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
    expect(new Set(first)).toEqual(new Set([true, false]))
  })
})

describe('chance', () => {
  it('strikes about as often as it is said to, never more often than counted, and tells the same story again (property)', () => {
    const faultOf = (number: number, probability: number | null, most: number | null): FaultRow =>
      ({ number, kind: 'reply-lost', subject_id: 's', subject: 's', state: 'active', begin_at: 0, until_at: null, probability, most, asked: 0, occasions: 0, due_at: null })
    fc.assert(fc.property(fc.nat(0xffffffff), fc.integer({ min: 1, max: 50 }), fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }), fc.option(fc.integer({ min: 1, max: 2_000 }), { nil: null }), (seed, number, probability, most) => {
      const story = () => {
        const fault = faultOf(number, probability, most)
        const active = new ActiveFaults([fault], seed)
        const struck = Array.from({ length: 1_000 }, () => active.strike('reply-lost', 'other', 's')).filter(Boolean).length
        expect(fault.occasions).toBe(struck)
        expect(fault.state === 'over').toBe(most !== null && struck === most)
        return struck
      }
      const struck = story()
      expect(story()).toBe(struck)
      expect(struck).toBeLessThanOrEqual(most ?? 1_000)
      if (most === null) expect(Math.abs(struck - 1_000 * (probability ?? 1))).toBeLessThan(100)
    }))
  })
})

describe('what a fault may be', () => {
  it('is checked before anything is written', async () => {
    const farm = await make()
    expect(await refusal(farm.fault('flood', 'ovs1'))).toBe('sim.fault')
    expect(await refusal(farm.fault('guest-crash', 'ovs1'))).toBe('not-found.vm')
    expect(await refusal(farm.fault('agent-down', 'vm1'))).toBe('not-found.server')
    expect(await refusal(farm.fault('reply-lost', 'nobody'))).toBe('not-found.server')
    expect(await refusal(farm.fault('server-power-loss', 'ovs1', { count: 2 }))).toBe('sim.fault')
    expect(await refusal(farm.fault('agent-down', 'ovs1', { probability: 0.5 }))).toBe('sim.fault')
    expect(await refusal(farm.fault('guest-hang', 'vm1', { probability: 1.5 }))).toBe('sim.fault')
    expect(await refusal(farm.fault('guest-hang', 'vm1', { forMs: 0 }))).toBe('sim.fault')
    expect(await refusal(farm.fault('guest-hang', 'vm1', { at: '2010-07-27T00:00:00Z' }))).toBe('sim.fault')
    expect(await refusal(farm.clear('fault-1'))).toBe('not-found.fault')
    expect(await farm.faults()).toEqual([])
  })

  it('names its subject by name, id, pool/name, and a repository by id or uuid', async () => {
    const farm = await make()
    const repos = await farm.stores.repository.read(reader => reader.select<{ id: string; uuid: string }>({ id: 'id', uuid: 'uuid' }, 'from repo'))
    for (const subject of ['vm1', 'pool1/vm1', farm.id('vm1'), repos[0]!.id, repos[0]!.uuid]) await farm.fault('copy-fail', subject)
    expect((await farm.faults()).map(fault => fault.subject)).toEqual(['vm1', 'pool1/vm1', 'vm1', repos[0]!.uuid, repos[0]!.uuid])
    await farm.stores.repository.transact(tx => tx.run(`update vm set name = 'vm1' where name = 'vm7'`))
    expect(await refusal(farm.fault('guest-hang', 'vm1'))).toBe('usage.ambiguous')
    await farm.fault('guest-hang', 'pool2/vm1')
  })

  it('begins and ends at its times, in the order of time', async () => {
    const farm = await make()
    await farm.fault('agent-down', 'ovs2', { at: '2010-07-28T00:05:00Z', forMs: 30_000 })
    await farm.fault('agent-down', 'ovs1', { afterMs: 60_000, forMs: 300_000 })
    expect(await farm.clock.nextDueMs()).toBe(Date.UTC(2010, 6, 28, 0, 1))
    const states = async () => (await farm.faults()).map(fault => fault.state)
    expect(await states()).toEqual(['waiting', 'waiting'])
    expect([await farm.next(), await states()]).toEqual([60, ['waiting', 'active']])
    expect([await farm.next(), await states()]).toEqual([300, ['active', 'active']])
    expect([await farm.next(), await states()]).toEqual([330, ['over', 'active']])
    expect([await farm.next(), await states()]).toEqual([360, ['over', 'over']])
  })
})
