import { describe, expect, it } from 'vitest'
import { Typed } from '../typed.js'

interface Disk { id: string; name: string; pool: string; sizeMiB: number; repository: string; attachedTo: string[] }
interface GuestDisk { name: string; kind: string; sizeMiB: number; file: string; disk?: string; mode?: string }

const gibibyte = 1_024

describe('disk create', () => {
  const farm = new Typed('figure-8')

  it('makes shared disks by name or pattern, which take room in a repository', async () => {
    const free = async (device: string) => (await farm.json<{ freeMiB: number }>(`repo show ${device}`)).freeMiB
    const before = await free('pool1//dev/sdb1')
    expect(await farm.report("disk create quorum 'asm{1..2}' --pool pool1 --size-mib 10GiB")).toMatchObject({ operation: 'disk.create', done: 3, items: ['quorum', 'asm1', 'asm2'].map(name => ({ kind: 'disk', name, pool: 'pool1', state: 'active' })) })
    expect(await farm.json<Disk[]>('disk list')).toMatchObject(['asm1', 'asm2', 'quorum'].map(name => ({ name, sizeMiB: 10 * gibibyte, repository: '/dev/sdb1', attachedTo: [] })))
    expect(await free('pool1//dev/sdb1')).toBe(before - 30 * gibibyte)
    await farm.ok('disk delete asm1 --yes')
    expect(await free('pool1//dev/sdb1')).toBe(before - 20 * gibibyte)
  })

  it('puts them where there is most room, on the root on a tie, or where it is told', async () => {
    await farm.ok('repo add --pool pool1 --device /dev/sdc1 --size-mib 5TiB', 'disk create most --pool pool1 --size-mib 1', 'disk create told --pool pool1 --size-mib 1 --repo pool1//dev/sdb1')
    const where = async (name: string) => (await farm.json<Disk>(`disk show ${name}`)).repository
    expect([await where('most'), await where('told')]).toEqual(['/dev/sdc1', '/dev/sdb1'])
    const equal = new Typed('figure-6')
    const [root] = await equal.json<{ freeMiB: number }[]>('repo list')
    await equal.ok(`repo add --pool pool1 --device /dev/sdc1 --size-mib ${root!.freeMiB}`, 'disk create tied --pool pool1 --size-mib 1')
    expect(await equal.json<Disk>('disk show tied')).toMatchObject({ repository: '/dev/sdb1' })
  })

  it('is refused a name that is taken or none, a size that is none or too big, a repository or pool that there is not', async () => {
    expect(await farm.refused('disk create quorum --pool pool1 --size-mib 1', 'disk.exists', 5)).toMatchObject({ hint: 'choose other names: disk list shows what there is', details: { names: ['quorum'] } })
    await farm.ok('disk create quorum --pool pool2 --size-mib 1')
    for (const line of ['disk create x --pool pool1', 'disk create --pool pool1 --size-mib 1']) await farm.refused(line, 'usage.argument', 2)
    await farm.refused('disk create a/b --pool pool1 --size-mib 1', 'usage.name', 2)
    await farm.refused('disk create x x --pool pool1 --size-mib 1', 'usage.argument', 2)
    for (const size of ['0', '1.5', 'much', '-1', '2PiB']) expect((await farm.run(`disk create x --pool pool1 --size-mib=${size}`)).exit, size).toBe(2)
    expect(await farm.refused('disk create x --pool pool1 --size-mib 6TiB', 'capacity.space', 5)).toMatchObject({ hint: 'repo list --pool pool1 shows what there is; repo add extends it' })
    await farm.refused('disk create x --pool pool1 --size-mib 4TiB --repo pool1//dev/sdb1', 'capacity.space', 5)
    await farm.refused('disk create x --pool pool1 --size-mib 1 --repo /dev/sdz1', 'not-found.repo', 3)
    await farm.refused('disk create x --pool pool9 --size-mib 1', 'not-found.pool', 3)
    await farm.refused('disk create x --pool pool1 --size-mib 1 --user alice', 'auth.denied', 4)
    expect((await farm.json<Disk[]>('disk list')).some(disk => disk.name === 'x')).toBe(false)
  })

  it('reserves what it makes one after the other: in all no more than fits', async () => {
    const small = new Typed('figure-6')
    await small.ok('repo add --pool pool1 --device /dev/sdc1 --size-mib 10')
    const report = await small.report("disk create 'd{1..4}' --pool pool1 --size-mib 3 --repo /dev/sdc1 --dry-run")
    expect(report.items.map(item => item.error?.code ?? item.result)).toEqual(['would-do', 'would-do', 'would-do', 'capacity.space'])
    expect((await small.report("disk create 'd{1..4}' --pool pool1 --size-mib 3 --repo /dev/sdc1")).items.map(item => item.error?.code ?? item.result)).toEqual(['done', 'done', 'done', 'capacity.space'])
    expect(await small.json<{ freeMiB: number }>('repo show /dev/sdc1')).toMatchObject({ freeMiB: 1 })
  })
})

describe('a shared disk', () => {
  const farm = new Typed('figure-8')
  const disks = async (vm: string) => (await farm.json<{ disks: GuestDisk[] }>(`vm show ${vm}`)).disks

  it('is attached to several guests, which show it beside their own', async () => {
    await farm.ok('disk create quorum --pool pool1 --size-mib 1GiB', 'disk create data --pool pool1 --size-mib 2GiB')
    const report = await farm.report('disk attach quorum vm1 vm2')
    expect(report).toMatchObject({ operation: 'disk.attach', done: 2, items: [{ kind: 'vm', name: 'vm1', state: 'powered-off' }, { kind: 'vm', name: 'vm2' }] })
    await farm.ok('disk attach data vm2 --mode r', 'disk attach data vm3 --device xvdf')
    expect(await farm.json<Disk[]>('disk list')).toMatchObject([{ name: 'data', attachedTo: ['vm2', 'vm3'] }, { name: 'quorum', attachedTo: ['vm1', 'vm2'] }])
    expect(await disks('vm2')).toEqual([
      { name: 'xvda', kind: 'file', sizeMiB: 20_480, file: 'running_pool/vm2/System.img' },
      { name: 'xvdb', kind: 'shared', sizeMiB: 1_024, file: 'sharedDisk/quorum.img', disk: 'quorum', mode: 'w' }, { name: 'xvdc', kind: 'shared', sizeMiB: 2_048, file: 'sharedDisk/data.img', disk: 'data', mode: 'r' },
    ])
    expect((await disks('vm3')).map(disk => disk.name)).toEqual(['xvda', 'xvdf'])
    const events = await farm.json<{ kind: string; message: string }[]>('event list --filter kind=disk.attach')
    expect(events.at(-1)).toMatchObject({ message: 'shared disk data attached to guest vm3 as xvdf' })
    // All of these have it open at once, and run.
    await farm.ok('vm start vm1 vm2 vm3')
  })

  it('is given and taken while a guest is off only, and once', async () => {
    expect(await farm.refused('disk attach data vm1', 'vm.state', 5)).toMatchObject({ hint: 'vm stop vm1', details: { state: 'running', operation: 'disk.attach', allowed: ['powered-off'] } })
    expect(await farm.refused('disk detach quorum vm1', 'vm.state', 5)).toMatchObject({ hint: 'vm stop vm1' })
    expect(await farm.report('disk attach quorum vm1')).toMatchObject({ unchanged: 1, items: [{ job: null }] })
    expect(await farm.refused('disk attach quorum vm1 --strict', 'vm.unchanged', 5)).toMatchObject({ hint: 'leave out --strict to take that as success' })
    expect(await farm.refused('disk attach quorum vm1 --mode r', 'disk.attached', 5)).toMatchObject({ hint: 'disk detach quorum vm1 first', details: { guests: ['vm1'], device: 'xvdb', mode: 'w' } })
    expect(await farm.report('disk detach quorum vm4')).toMatchObject({ unchanged: 1 })
    await farm.refused('disk detach quorum vm4 --strict', 'vm.unchanged', 5)
    await farm.ok('vm stop vm1 vm2 vm3 --yes')
  })

  it('is refused to a guest of another pool, and by a device name that is taken or none', async () => {
    expect(await farm.refused('disk attach quorum vm7', 'disk.pool', 5)).toMatchObject({ hint: 'disk create makes one in pool pool2' })
    expect(await farm.refused('disk attach quorum vm3 --device xvdf', 'disk.device', 5)).toMatchObject({ hint: 'vm disk list vm3 shows what there is', details: { devices: ['xvda', 'xvdf'] } })
    await farm.refused('disk attach quorum vm4 --device xvda', 'disk.device', 5)
    expect(await farm.refused('disk attach quorum vm4 --device hdb', 'disk.device', 5)).toMatchObject({ message: 'hdb is no disk of a pv guest, as vm4 is' })
    await farm.refused('disk attach quorum vm4 --device ../x', 'usage.argument', 2)
    await farm.refused('disk attach nosuch vm4', 'not-found.disk', 3)
    await farm.refused('disk attach quorum nosuch', 'not-found.vm', 3)
    await farm.refused('disk attach quorum', 'usage.nothing-selected', 2)
    await farm.refused('disk attach', 'usage.argument', 2)
    await farm.refused('disk attach quorum vm4 --user alice', 'auth.denied', 4)
    expect(await farm.report('disk attach quorum vm4 vm5 --dry-run')).toMatchObject({ wouldDo: 2 })
    expect((await farm.json<Disk>('disk show quorum')).attachedTo).toEqual(['vm1', 'vm2'])
  })

  it('is not deleted while guests have it, always asks, and leaves no guest without being told to', async () => {
    await farm.refused('disk delete quorum', 'guard.confirm', 5)
    expect(await farm.refused('disk delete quorum --yes', 'disk.attached', 5)).toMatchObject({ message: 'shared disk quorum is attached to vm1, vm2', hint: 'disk detach quorum vm1 vm2', details: { guests: ['vm1', 'vm2'], total: 2 } })
    await farm.ok('disk detach quorum --pool pool1')
    expect((await disks('vm2')).map(disk => disk.name)).toEqual(['xvda', 'xvdc'])
    await farm.ok('disk delete quorum --yes')
    await farm.refused('disk show quorum', 'not-found.disk', 3)
  })

  it('stays behind when a guest is deleted, moved or copied', async () => {
    await farm.ok('repo add --pool pool1 --device /dev/sdc1', 'vm move vm3 --repo /dev/sdc1', 'vm clone vm3 --name copy')
    expect((await disks('vm3')).map(disk => disk.name)).toEqual(['xvda', 'xvdf'])
    expect(await disks('copy')).toEqual([{ name: 'xvda', kind: 'file', sizeMiB: 20_480, file: 'running_pool/copy/System.img' }])
    expect(await farm.json<Disk>('disk show data')).toMatchObject({ repository: '/dev/sdb1', attachedTo: ['vm2', 'vm3'] })
    await farm.ok('vm delete vm2 --yes')
    expect(await farm.json<Disk>('disk show data')).toMatchObject({ attachedTo: ['vm3'], sizeMiB: 2_048 })
  })

  it('is not attached while it is being deleted', async () => {
    await farm.ok('disk create going --pool pool1 --size-mib 1', 'disk delete going --yes --no-wait')
    expect(await farm.refused('disk attach going vm4', 'lease.held', 9)).toMatchObject({ message: expect.stringContaining('shared disk going') as string })
    expect(await farm.report('disk delete going --yes --no-wait')).toMatchObject({ accepted: 1 })
  })
})

describe('moving guests between repositories', () => {
  it('is unchanged where a guest lies already, with --strict a failure; and takes room only once', async () => {
    const farm = new Typed('figure-7')
    await farm.ok('repo add --pool pool1 --device /dev/sdc1 --size-mib 50GiB')
    const free = async () => (await farm.json<{ device: string; freeMiB: number }[]>('repo list')).map(repo => repo.freeMiB)
    const [root, extended] = await free()
    expect(await farm.report('vm move vm1 --repo /dev/sdb1')).toMatchObject({ unchanged: 1, items: [{ job: null, state: 'powered-off' }] })
    expect(await farm.refused('vm move vm1 --repo /dev/sdb1 --strict', 'vm.unchanged', 5)).toMatchObject({ message: 'guest vm1 lies in /dev/sdb1 already' })
    await farm.ok('vm move vm1 --repo /dev/sdc1 --no-wait', 'sim clock --advance 1s')
    // On its way it takes its room in both.
    expect(await free()).toEqual([root, extended! - 20_480])
    await farm.ok('vm move vm2 --repo /dev/sdc1')
    expect(await free()).toEqual([root! + 2 * 20_480, extended! - 2 * 20_480])
    expect(await farm.refused('vm move vm3 --repo /dev/sdc1', 'capacity.space', 5)).toMatchObject({ hint: 'repo list --pool pool1 shows what there is; repo add extends it' })
    await farm.ok('vm move vm1 --repo /dev/sdb1', 'vm move vm3 --repo /dev/sdc1')
    await farm.refused('vm move vm3 --repo /dev/sdz1', 'not-found.repo', 3)
    await farm.ok('vm start vm3')
    await farm.refused('vm move vm3 --repo /dev/sdb1', 'vm.state', 5)
  })

  it('leaves a guest where it was when the copy breaks half way, and nothing where it was to go', async () => {
    const farm = new Typed('figure-7')
    await farm.ok('repo add --pool pool1 --device /dev/sdc1', 'sim fault copy-fail vm1 --count 1')
    await farm.refused('vm move vm1 --repo /dev/sdc1', 'vm.copy-failed', 5)
    expect(await farm.json('vm show vm1')).toMatchObject({ repository: '/dev/sdb1', state: 'powered-off' })
    expect((await farm.json<{ result: string }[]>('repo check')).every(({ result }) => result === 'ok')).toBe(true)
    // So does one that is under way, of the guest or by the repository, and only while half of it is still to go.
    for (const subject of ['vm2', '/dev/sdc1']) {
      const { run } = await farm.report('vm move vm2 --repo /dev/sdc1 --no-wait')
      await farm.ok('sim clock --advance 10s', `sim fault copy-fail ${subject} --count 1`, 'sim clock --advance 10m')
      expect((await farm.report(`run show ${run}`)).items, subject).toMatchObject([{ result: 'failed', state: 'powered-off', error: { code: 'vm.copy-failed' } }])
    }
    await farm.ok('repo remove /dev/sdc1 --yes')
  })
})

describe('run undo', () => {
  it('takes back what was made, attached and detached, by the same names', async () => {
    const farm = new Typed('figure-7')
    await farm.ok('repo add --pool pool1 --device /dev/sdc1', 'disk create quorum spare --pool pool1 --size-mib 1')
    const disks = () => farm.json<Disk[]>('disk list').then(all => all.map(disk => `${disk.name}: ${disk.attachedTo.join(' ')}`))
    const undo = async (line: string, user = 'admin') => {
      const { run } = await farm.report(line)
      const there = await disks()
      return { there, report: await farm.report(`run undo ${run!} --yes --user ${user}`), back: await disks() }
    }
    expect(await undo('disk attach quorum vm1 vm2 --device xvdp --mode r', 'operator')).toMatchObject({ there: ['quorum: vm1 vm2', 'spare: '], report: { operation: 'disk.detach', done: 2 }, back: ['quorum: ', 'spare: '] })
    await farm.ok('disk attach quorum vm1 --device xvdp --mode r')
    expect(await undo('disk detach quorum vm1')).toMatchObject({ there: ['quorum: ', 'spare: '], report: { operation: 'disk.attach', done: 1, items: [{ kind: 'vm', name: 'vm1' }] }, back: ['quorum: vm1', 'spare: '] })
    expect((await farm.json<{ disks: GuestDisk[] }>('vm show vm1')).disks.at(-1)).toMatchObject({ name: 'xvdp', disk: 'quorum', mode: 'r' })
    expect(await undo('disk create more --pool pool1 --size-mib 1')).toMatchObject({ report: { operation: 'disk.delete', done: 1 }, back: ['quorum: vm1', 'spare: '] })
    expect(await undo('repo add --pool pool1 --device /dev/sdd1')).toMatchObject({ report: { operation: 'repo.remove', done: 1 } })
    expect(await undo('repo root /dev/sdc1')).toMatchObject({ report: { operation: 'repo.root', done: 1, items: [{ name: '/dev/sdb1' }] } })
    for (const line of ['disk delete spare --yes', 'repo remove /dev/sdc1 --yes']) {
      const { run } = await farm.report(line)
      await farm.refused(`run undo ${run!} --yes`, 'undo.impossible', 5)
    }
  })
})
