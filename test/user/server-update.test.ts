import { describe, expect, it } from 'vitest'
import type { HealthCheck } from '../../src/contract/farms.js'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'

type Data = Record<string, unknown>
const errorOf = (report: Report, at = 0) => report.items[at]!.error!

describe('server update', () => {
  const farm = new Session('figure-8', '--running')

  it('gives roles, exactly those named, and tells the agent', () => {
    expect(farm.json<Report>('server update ovs2 --roles vm,utility')).toMatchObject({ done: 1, items: [{ state: 'active' }] })
    expect(farm.json('server show ovs2')['roles']).toEqual(['utility', 'vm'])
    expect(farm.json<HealthCheck[]>('server check ovs2').find(row => row.check === 'server ovs2 roles')).toMatchObject({ result: 'ok', message: 'utility, vm' })
    expect(farm.json<Report>('server update ovs2 --roles utility,vm')).toMatchObject({ unchanged: 1 })
    expect(farm.run('server update ovs2 --roles utility,vm --strict').exit).toBe(5)
    expect(farm.json<Data[]>('event list --filter kind=server.update')).toMatchObject([{ message: 'server ovs2 updated: roles vm → utility vm' }])
  })

  it('neither gives nor takes the role of the master', () => {
    expect(errorOf(farm.json<Report>('server update ovs2 --roles master,vm'))).toMatchObject({ code: 'pool.roles', hint: 'pool master pool1 ovs2 makes it the master' })
    expect(errorOf(farm.json<Report>('server update ovs1 --roles utility,vm'))).toMatchObject({ code: 'pool.roles', hint: 'pool master pool1 SERVER makes another server the master' })
  })

  it('takes no vm role from under guests, naming them', () => {
    expect(errorOf(farm.json<Report>('server update ovs2 --roles utility'))).toMatchObject({ code: 'server.guests', message: expect.stringContaining('vm2, vm4, vm6'), hint: 'vm migrate --server ovs2 --to auto moves them', details: { guests: [{ name: 'vm2' }, { name: 'vm4' }, { name: 'vm6' }] } })
    farm.ok('vm migrate --server ovs2 --to auto')
    expect(farm.json<Report>('server update ovs2 --roles utility')).toMatchObject({ done: 1 })
    expect(errorOf(farm.json<Report>('vm migrate vm1 --to ovs2'))).toMatchObject({ code: 'migrate.blocked', message: expect.stringContaining('has no vm role') })
  })

  it('leaves no pool without a role, also where several servers are changed at once', () => {
    expect(errorOf(farm.json<Report>('server update ovs3 --roles master,vm'))).toMatchObject({ code: 'pool.roles', message: 'no other server of pool pool2 has the role utility that ovs3 would lose', details: { missing: ['utility'] } })
    const grid = new Session('grid', '--pools', '1', '--servers', '4', '--guests', '1')
    expect(grid.json<Report>('server update ovs01-02 ovs01-03 ovs01-04 --roles vm')).toMatchObject({ done: 1, unchanged: 2 })
    expect(errorOf(grid.json<Report>('server update ovs01-01 --roles master,vm'))).toMatchObject({ code: 'pool.roles' })
  })

  it('renames one server; the name is unique on the farm, and a legal one', () => {
    expect(farm.run('server update ovs3 --rename ovs1')).toMatchObject({ exit: 5, stderr: expect.stringContaining('server.exists') })
    expect(farm.run('server update ovs3 --rename', 'no good').exit).toBe(2)
    expect(farm.run('server update ovs2 ovs3 --rename ovs9')).toMatchObject({ exit: 2, stderr: expect.stringContaining('2 servers cannot have one name') })
    const { run } = farm.json<Report>('server update ovs3 --rename ovs9')
    expect(farm.json<Data[]>('vm list --server ovs9')).toHaveLength(4)
    expect(farm.run('server show ovs3').exit).toBe(3)
    expect(farm.json<Report>('server update ovs9 --rename ovs9')).toMatchObject({ unchanged: 1 })
    expect(farm.json<Report>(`run undo ${run!} --yes`)).toMatchObject({ operation: 'server.update', done: 1 })
    expect(farm.run('server show ovs3').exit).toBe(0)
  })

  it('wants something to change, roles that there are, and somebody who manages the pool', () => {
    expect(farm.run('server update ovs2')).toMatchObject({ exit: 2, stderr: expect.stringContaining('nothing is to be changed') })
    expect(farm.run('server update ovs2 --roles vm,boss')).toMatchObject({ exit: 2, stderr: expect.stringContaining('there is no role "boss"') })
    expect(farm.run('--user alice server update ovs2 --roles vm').exit).toBe(4)
  })

  it('waits for no other change of the server, and for a master that is up', () => {
    farm.ok('server restart ovs2 --yes --no-wait')
    expect(farm.run('server update ovs2 --roles utility,vm -o csv --columns error')).toMatchObject({ exit: 9, stdout: expect.stringContaining('lease.held') })
    farm.ok('sim clock --advance 5m')
    farm.ok('server stop ovs1 --force --yes')
    expect(errorOf(farm.json<Report>('server update ovs2 --roles utility,vm'))).toMatchObject({ code: 'pool.no-master', hint: 'server start ovs1, or pool master pool1 SERVER' })
  })
})

describe('server check and network', () => {
  const farm = new Session('figure-8', '--running')

  it('finds a farm as it is recorded', () => {
    const checks = farm.json<HealthCheck[]>('server check')
    expect(new Set(checks.map(row => row.check.split(' ')[2]))).toEqual(new Set(['power', 'agent', 'password', 'version', 'release', 'roles', 'clock', 'memory', 'guests', 'address', 'network', 'bridges', 'repositories']))
    expect(checks.filter(row => row.result !== 'ok').map(row => row.message)).toEqual(['the agent wants none', 'the agent wants none', 'the agent wants none'])
    expect(checks.filter(row => row.check === 'server ovs1 memory')).toMatchObject([{ message: '13 GiB of 64 GiB are taken' }])
    expect(farm.run('server check ovs9').exit).toBe(3)
    expect(farm.run('--user alice server check ovs1').exit).toBe(0)
  })

  it('names the bridge of each card, and what goes over it', () => {
    expect(farm.json<Data[]>('server network ovs1')).toMatchObject([
      { server: 'ovs1', nic: 'eth0', mac: expect.stringMatching(/^00:30:48(:[0-9A-F]{2}){3}$/), speedMbit: 1_000, address: '10.1.0.1', bridge: 'xenbr0', interfaces: ['eth0'], networks: ['management', 'heartbeat', 'migration'] },
      { server: 'ovs1', nic: 'eth1', address: null, bridge: 'xenbr1', interfaces: ['eth1'], networks: [] },
    ])
    expect(farm.ok('server network --filter networks=migration -o csv --columns server --no-header')).toBe('ovs1\novs2\novs3\n')
    farm.ok('agent stop ovs3')
    expect(farm.run('server network')).toMatchObject({ exit: 8, stderr: expect.stringContaining('the agent of server ovs3 does not answer') })
  })

  it('lists what is mounted, the root first', () => {
    farm.ok('repo add --pool pool1 --device /dev/sdc1')
    const rows = farm.json<Data[]>('server repos ovs1')
    expect(rows).toMatchObject([{ server: 'ovs1', root: true, device: '/dev/sdb1', mountPoint: expect.stringMatching(/^\/var\/ovs\/mount\/[0-9A-F]{32}$/), lockDevice: null }, { root: false, device: '/dev/sdc1' }])
    expect(farm.json<Data[]>('repo list --pool pool1').map(repo => repo['mountPoint'])).toEqual(rows.map(row => row['mountPoint']))
    expect(farm.json<HealthCheck[]>('server check ovs1').find(row => row.check === 'server ovs1 repositories')).toEqual({ check: 'server ovs1 repositories', result: 'ok', message: '2 mounted: /dev/sdb1, /dev/sdc1', hint: null })
    expect(farm.run('server repos')).toMatchObject({ exit: 8, stderr: expect.stringContaining('the agent of server ovs3 does not answer') })
  })

  it('tells of a server that is off, and exits 8 only for errors', () => {
    farm.ok('server stop ovs2 --force --yes')
    const ended = farm.run('server check ovs2 -o json')
    expect([ended.exit, (JSON.parse(ended.stdout) as HealthCheck[])[0]]).toEqual([0, { check: 'server ovs2 power', result: 'warning', message: 'it is off', hint: 'server start ovs2' }])
  })
})
