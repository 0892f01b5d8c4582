import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>

const states = (farm: Session, list: string) => farm.json<Data[]>(`${list} list`).map(one => `${String(one['name'])} ${String(one['state'])}`)

describe('a pool whose master is off', () => {
  it('refuses with pool.no-master whatever its master is asked for, and its other servers stay what they are', () => {
    const farm = new Session('figure-7')
    farm.ok('server stop ovs1 --yes')
    for (const line of ['server stop ovs2 --yes', 'server restart ovs2 --yes', 'agent stop ovs2', 'agent restart ovs2', 'vm start vm1', 'disk create d --pool pool1 --size-mib 1']) {
      const ended = farm.run(`${line} -o json`)
      expect(ended.exit, line).toBe(5)
      expect((JSON.parse(ended.stdout) as Report).items[0]!.error, line).toMatchObject({ code: 'pool.no-master', hint: 'server start ovs1, or pool master pool1 SERVER' })
    }
    expect(states(farm, 'server')).toEqual(['ovs1 off', 'ovs2 active'])
    farm.ok('pool master pool1 ovs2')
    expect(farm.json<Report>('vm start vm1').done).toBe(1)
  })
})

describe('a pool whose master does not answer', () => {
  it('is given another by pool master, which sees again what the one before hid', () => {
    const farm = new Session('figure-7', '--running')
    farm.ok('agent stop ovs1')
    expect(farm.run('vm stop vm2').exit).toBe(8)
    expect(states(farm, 'server'), 'nobody can tell of the other').toEqual(['ovs1 unreachable', 'ovs2 unreachable'])
    expect(farm.json<Report>('pool master pool1 ovs2').done).toBe(1)
    expect(states(farm, 'server')).toEqual(['ovs1 unreachable', 'ovs2 active'])
    expect(states(farm, 'vm')).toEqual(['vm1 unknown', 'vm2 running', 'vm3 unknown', 'vm4 running', 'vm5 unknown', 'vm6 running'])
    expect(farm.json<Report>('vm stop vm2').done).toBe(1)
  })

  it('gets no master of a server that does not answer either', () => {
    const farm = new Session('figure-7')
    farm.ok('agent stop ovs2')
    farm.ok('server stop ovs1 --yes')
    const refused = farm.run('pool master pool1 ovs2 -o json')
    expect(refused.exit).toBe(8)
    expect((JSON.parse(refused.stdout) as Report).items[0]!.error).toMatchObject({ code: 'agent.unreachable' })
    expect(farm.json<Data[]>('pool list')[0]).toMatchObject({ state: 'no-master', master: 'ovs1' })
  })
})
