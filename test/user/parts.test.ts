import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'
import { answers, expectRefusals } from './many-refusals.js'

type Data = Record<string, unknown>
const freeIn = (farm: Session, pool: string) => farm.json<Data[]>(`repo list --pool ${pool}`)[0]!['freeMiB'] as number
const undo = (farm: Session, run: unknown) => farm.json<Report>(`run undo ${(run as Report).run!} --yes`)

describe('network cards', () => {
  it('are given, changed and taken away, are listed, and each has an address of its own', () => {
    const farm = new Session('figure-8')
    const told = answers(farm, ['vm nic add vm1 --bridge xenbr1', 'vm nic add vm1 --bridge xenbr2 --mac 00-16-3E-AA-BB-CC', 'vm nic remove vm1 eth0', 'vm nic update vm1 eth1 --bridge xenbr3', 'vm nic update vm1 eth1 --bridge xenbr3', 'vm nic add vm1 --bridge xenbr0'])
    expect(told.map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0, 0])
    expect(told[4]!.result).toMatchObject({ operation: 'vm.nic-update', unchanged: 1 })
    const nics = farm.json<Data[]>('vm nic list vm1')
    expect(nics).toEqual([{ name: 'eth1', bridge: 'xenbr3', mac: expect.stringMatching(/^00:16:3e:/) }, { name: 'eth2', bridge: 'xenbr2', mac: '00:16:3e:aa:bb:cc' }, { name: 'eth0', bridge: 'xenbr0', mac: expect.stringMatching(/^00:16:3e:/) }])
    expect(farm.json('vm show vm1')['nics']).toEqual(nics)
    expect(farm.ok('vm nic list vm1 -o name --filter bridge=xenbr2')).toBe('eth2\n')
    expectRefusals(farm, [
      ['vm nic add vm2 --bridge xenbr0 --mac 00:16:3e:aa:bb:cc', 5, 'vm.mac', /its own/],
      ['vm create x --pool pool1 --template ol5u5-pv --nic bridge=xenbr0,mac=00:16:3e:aa:bb:cc', 5, 'vm.mac', /its own/],
      ['vm nic add vm2 --bridge xenbr0 --mac 01:00:5e:00:00:01', 2, 'usage.argument', /six octets/],
      ['vm nic add vm2 --bridge a/b', 2, 'usage.argument', /xenbr0/],
      ['vm nic add vm2', 2, 'usage.argument', /./],
      ['vm nic update vm1 eth1', 2, 'usage.argument', /--bridge B or --mac M/],
      ['vm nic update vm1 eth7 --bridge b', 3, 'not-found.nic', /vm nic list vm1/],
      ['vm nic remove vm1 eth7', 3, 'not-found.nic', /vm nic list vm1/],
      ['vm nic remove vm1', 2, 'usage.argument', /vm nic remove VM NIC/],
      ['vm nic list nowhere', 3, 'not-found.vm', /vm list/],
      ['vm nic list', 2, 'usage.argument', /one guest/],
      ...Array.from({ length: 5 }, () => ['vm nic add vm1 --bridge b', 0, null, /^$/] as const),
      ['vm nic add vm1 --bridge b', 5, 'vm.config', /vm nic list vm1/],
      ['vm start vm3', 0, null, /^$/],
      ['vm nic add vm3 --bridge b', 5, 'vm.state', /vm stop vm3/],
      ['vm nic remove vm3 eth0', 5, 'vm.state', /vm stop vm3/],
      ['vm nic add vm4 --bridge b --user alice', 3, 'not-found.vm', /vm list/],
    ])
    expect(farm.ok('vm nic list vm2 -o name')).toBe('eth0\n')
  })

  it('come back by run undo', () => {
    const farm = new Session('figure-6')
    const before = farm.ok('vm nic list vm1 -o json')
    const [removed] = answers(farm, ['vm nic remove vm1 eth0'])
    undo(farm, removed!.result)
    expect(farm.ok('vm nic list vm1 -o json')).toBe(before)
    const told = answers(farm, ['vm nic add vm1 --bridge b', 'vm nic update vm1 eth0 --bridge c'])
    for (const { result } of told.reverse()) undo(farm, result)
    expect(farm.ok('vm nic list vm1 -o json')).toBe(before)
    expect(farm.json<Data[]>('event list --filter kind=vm.nic-add --columns message,change')).toMatchObject([{ message: expect.stringContaining('eth0') }, { message: expect.stringMatching(/eth1 .*on b/), change: { before: { nics: [{}] }, after: { nics: [{}, {}] } } }])
  })
})

describe('disks', () => {
  it('of their own take room in the repository and give it back; devices take none; each is listed', () => {
    const farm = new Session('figure-8')
    const free = freeIn(farm, 'pool1')
    const [added] = answers(farm, ['vm disk add vm1 --size-mib 10GiB', 'vm disk add vm1 --device /dev/mapper/lun7'])
    expect(added!.result).toMatchObject({ operation: 'vm.disk-add', done: 1, elapsedSeconds: 1, items: [{ state: 'powered-off' }] })
    expect(farm.json<Data[]>('vm disk list vm1')).toEqual([
      { name: 'xvda', kind: 'file', sizeMiB: 20_480, file: 'running_pool/vm1/System.img' }, { name: 'xvdb', kind: 'file', sizeMiB: 10_240, file: 'running_pool/vm1/xvdb.img' }, { name: 'xvdc', kind: 'physical', sizeMiB: null, file: '/dev/mapper/lun7' },
    ].map(disk => ({ ...disk, disk: null, mode: null })))
    expect(farm.json('vm show vm1')['diskMiB']).toBe(30_720)
    expect(freeIn(farm, 'pool1')).toBe(free - 10_240)
    // Its files are one with their record wherever they go: copied, moved, checked, removed.
    const told = answers(farm, ['vm check vm1', 'vm clone vm1 --name copy', 'vm disk remove vm1 xvda', 'vm disk remove vm1 xvdc', 'vm check vm1 copy', 'vm start copy vm1', 'vm delete vm2 --yes'])
    expect(told.map(({ exit }) => exit)).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(farm.json('vm show copy')['diskMiB']).toBe(30_720)
    expect(farm.json('vm show vm1')).toMatchObject({ diskMiB: 10_240, disks: [{ name: 'xvdb' }] })
    expect(freeIn(farm, 'pool1')).toBe(free - 10_240 - 30_720 + 20_480 + 20_480)
  })

  it('are refused where they cannot be, and change nothing', () => {
    const farm = new Session('figure-8')
    const free = freeIn(farm, 'pool1')
    expectRefusals(farm, [
      ['vm disk add vm1', 2, 'usage.argument', /--size-mib N .*--device/],
      ['vm disk add vm1 --size-mib 1 --device /dev/x', 2, 'usage.argument', /--size-mib N/],
      ['vm disk add vm1 --size-mib 0', 2, 'usage.argument', /20GiB/],
      ['vm disk add vm1 --size-mib much', 2, 'usage.argument', /20GiB/],
      ['vm disk add vm1 --device /etc/passwd', 2, 'usage.argument', /\/dev\/mapper/],
      ['vm disk add vm1 --size-mib 5TiB', 5, 'capacity.space', /repo list/],
      ['vm disk add vm2 --device /dev/sdb1', 5, 'vm.disk-in-use', /disk/],
      ['vm disk add vm2 --device /dev/mapper/lun7', 0, null, /^$/],
      ['vm disk add vm1 --device /dev/mapper/lun7', 5, 'vm.disk-in-use', /shared disk/],
      ['vm disk remove vm1 xvdb', 3, 'not-found.vm-disk', /vm disk list vm1/],
      ['vm disk remove vm1', 2, 'usage.argument', /VM DISK/],
      ['vm disk list nowhere', 3, 'not-found.vm', /vm list/],
      ['vm start vm3', 0, null, /^$/],
      ['vm disk add vm3 --size-mib 1', 5, 'vm.state', /vm stop vm3/],
      ['vm disk remove vm3 xvda', 5, 'vm.state', /vm stop vm3/],
      ['vm disk add vm4 --size-mib 1 --user alice', 3, 'not-found.vm', /vm list/],
      ['server stop ovs3 --yes', 0, null, /^$/],
      ['vm disk add vm7 --size-mib 1', 5, 'pool.no-master', /server start ovs3/],
    ])
    expect(freeIn(farm, 'pool1')).toBe(free)
    expect(farm.json<Data[]>('vm disk list vm1')).toHaveLength(1)
    // Another pool has devices of its own.
    expect(farm.run('vm disk add vm7 --device /dev/mapper/lun7 --dry-run').exit).toBe(5)
    const dry = farm.json<Report>('vm disk add vm1 --size-mib 1GiB --dry-run')
    expect([dry.wouldDo, freeIn(farm, 'pool1')]).toEqual([1, free])
  })

  it('that are shared keep their names from the others, and are taken away by disk detach', () => {
    const farm = new Session('figure-8')
    const told = answers(farm, ['disk create quorum --pool pool1 --size-mib 1GiB', 'disk attach quorum vm1', 'vm disk add vm1 --size-mib 1GiB', 'vm disk list vm1 --columns name,kind,disk'])
    expect(told.map(({ exit }) => exit)).toEqual([0, 0, 0, 0])
    expect(told[3]!.result).toEqual(expect.arrayContaining([{ name: 'xvda', kind: 'file', disk: null }, { name: 'xvdb', kind: 'shared', disk: 'quorum' }, { name: 'xvdc', kind: 'file', disk: null }]))
    expectRefusals(farm, [['vm disk remove vm1 xvdb', 5, 'vm.config', /disk detach/]])
  })

  it('that were given are taken back by run undo, and one whose file is gone cannot come back', () => {
    const farm = new Session('figure-6')
    const free = freeIn(farm, 'pool1')
    const [added, removed] = answers(farm, ['vm disk add vm1 --size-mib 1GiB', 'vm disk remove vm1 xvda'])
    undo(farm, added!.result)
    expect(freeIn(farm, 'pool1')).toBe(free + 20_480)
    expectRefusals(farm, [[`run undo ${(removed!.result as Report).run!} --yes`, 5, 'undo.impossible', /vm disk add/]])
  })

  it('are not half there when the server goes down that makes or removes them', () => {
    const farm = new Session('figure-6')
    const free = freeIn(farm, 'pool1')
    const told = answers(farm, ['vm disk add vm1 --size-mib 1GiB --no-wait', 'vm disk remove vm2 xvda --no-wait', 'vm list --columns name,state', 'sim fault server-power-loss ovs1 --for 1m', 'sim clock --advance 10m', 'vm check vm1 vm2', 'job list --columns operation,state'])
    expect(told[2]!.result).toMatchObject([{ state: 'deploying' }, { state: 'deploying' }, {}, {}])
    expect(told[5]!.exit).toBe(0)
    expect(told[6]!.result).toEqual([{ operation: 'vm.disk-add', state: 'failed' }, { operation: 'vm.disk-remove', state: 'failed' }])
    expect(freeIn(farm, 'pool1')).toBe(free)
    expect(farm.json<Data[]>('vm list --filter diskMiB=20GiB')).toHaveLength(4)
  })
})

describe('the CD-ROM', () => {
  it('takes an active ISO of the pool, while the guest runs too, and gives it back', () => {
    const farm = new Session('figure-8')
    const told = answers(farm, ['vm update vm1 --type hvm', 'vm cdrom insert vm1 --iso ol5u5.iso', 'vm cdrom insert vm1 --iso pool1/ol5u5.iso', 'vm start vm1', 'vm cdrom eject vm1', 'vm cdrom eject vm1', 'vm cdrom insert vm1 --iso ol5u5.iso'])
    expect(told.map(({ exit, result }) => [exit, (result as Report).unchanged])).toEqual([[0, 0], [0, 0], [0, 1], [0, 0], [0, 0], [0, 1], [0, 0]])
    expect(farm.json('vm show vm1')['cdrom']).toBe('ol5u5.iso')
    undo(farm, told.at(-1)!.result)
    expect(farm.json('vm show vm1')['cdrom']).toBeNull()
    undo(farm, told[4]!.result)
    expect(farm.json('vm show vm1')['cdrom']).toBe('ol5u5.iso')
    expectRefusals(farm, [
      ['vm cdrom insert vm2 --iso ol5u5.iso', 5, 'vm.config', /--type hvm/],
      ['vm cdrom insert vm1 --iso nowhere', 3, 'not-found.iso', /iso list --pool pool1/],
      ['vm cdrom insert vm1', 2, 'usage.argument', /./],
      ['vm cdrom eject vm1 vm2', 2, 'usage.argument', /vm cdrom eject VM/],
      ['vm pause vm1', 0, null, /^$/],
      ['vm cdrom eject vm1', 5, 'vm.state', /powered-off or running/],
      ['vm stop vm1 --force', 0, null, /^$/],
      ['vm update vm1 --type pv', 5, 'vm.config', /vm cdrom eject vm1/],
      ['vm cdrom eject vm1 --user alice', 3, 'not-found.vm', /vm list/],
    ])
  })
})
