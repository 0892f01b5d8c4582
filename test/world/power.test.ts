import { describe, expect, it } from 'vitest'
import { make, refusal } from './sim-farm.js'

describe('the power port of a server', () => {
  it('shuts a server down with the guests that are still there, and boots it again', async () => {
    const farm = await make({ running: true })
    const power = farm.power('ovs3')
    await power.off(farm.ticket('off'))
    await power.off(farm.ticket('off'))
    expect([await power.status(), await power.known(['off', 'x']), await power.outcomes()]).toEqual(['on', ['off'], []])
    expect(await farm.next()).toBe(30)
    expect([await power.status(), await farm.state('vm7'), await farm.ringing()]).toEqual(['off', 'powered-off', ['ovs3']])
    expect(await power.outcomes()).toEqual([{ job: 'off', serverId: farm.id('ovs3'), endedAtMs: Date.UTC(2010, 6, 28, 0, 0, 30), error: null, power: 'off', agent: 'stopped' }])
    expect([await farm.hypervisor('ovs3').outcomes(), await farm.hypervisor('ovs3').known(['off'])]).toEqual([[], []])
    await power.acknowledge(['off'])
    await power.on(farm.ticket('on'))
    expect([await power.status(), await farm.ringing()]).toEqual(['starting', []])
    expect(await refusal(farm.hypervisor('ovs3').create(farm.ticket(), farm.guest('vm7')))).toBe('agent.unreachable')
    expect(await farm.next()).toBe(210)
    expect([await power.status(), await farm.told('ovs3')]).toEqual(['on', ['server-back']])
    await farm.hypervisor('ovs3').create(farm.ticket('start'), farm.guest('vm7'))
    await farm.next()
    expect(await farm.hypervisor('ovs3').inspect([farm.id('vm7')])).toMatchObject([{ state: 'running', domainId: 1 }])
  })

  it('cycles a server: off after 30 s, on again after 180 s more', async () => {
    const farm = await make({ running: true })
    const power = farm.power('ovs3')
    await farm.hypervisor('ovs3').save(farm.ticket('cut'), farm.id('vm7'))
    await power.cycle(farm.ticket('cycle'))
    await farm.pass(29)
    expect([await power.status(), await farm.ended('ovs3')]).toEqual(['on', { cut: 'suspended' }])
    await farm.hypervisor('ovs3').save(farm.ticket('late'), farm.id('vm8'))
    await farm.pass(1)
    expect([await power.status(), await power.outcomes(), await farm.state('vm8'), await farm.state('vm7')]).toEqual(['starting', [], 'powered-off', 'suspended'])
    expect(await farm.ended('ovs3')).toMatchObject({ late: 'server.lost, powered-off' })
    await farm.pass(180)
    expect(await power.outcomes()).toMatchObject([{ job: 'cycle', error: null, power: 'on' }])
  })

  it('refuses what is so already, and two changes at once', async () => {
    const farm = await make()
    expect(await refusal(farm.power('ovs1').on(farm.ticket()))).toBe('agent.refused')
    await farm.power('ovs1').off(farm.ticket('off'))
    expect(await refusal(farm.power('ovs1').cycle(farm.ticket()))).toBe('agent.refused')
    await farm.next()
    expect(await refusal(farm.power('ovs1').off(farm.ticket()))).toBe('agent.refused')
    expect(await refusal(farm.power('ovs1').cycle(farm.ticket()))).toBe('agent.refused')
  })

  it('tells of a loss of power in the middle of a boot', async () => {
    const farm = await make()
    await farm.power('ovs1').cycle(farm.ticket('cycle'))
    await farm.pass(60)
    await farm.fault('server-power-loss', 'ovs1')
    expect(await farm.power('ovs1').outcomes()).toMatchObject([{ job: 'cycle', error: { code: 'server.lost' }, power: 'off' }])
  })

  it('begins work on many servers with one commit', async () => {
    const farm = await make()
    const tickets = ['ovs1', 'ovs2', 'ovs3'].map(name => farm.power(name).off(farm.ticket()))
    await Promise.all(tickets)
    expect(await farm.next()).toBe(30)
    expect(await Promise.all(['ovs1', 'ovs2', 'ovs3'].map(name => farm.power(name).status()))).toEqual(['off', 'off', 'off'])
  })
})
