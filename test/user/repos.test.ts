import { describe, expect, it } from 'vitest'
import type { HealthCheck } from '../../src/contract/farms.js'
import { Typed } from '../typed.js'

interface Repo { id: string; pool: string; kind: string; device: string; uuid: string; root: boolean; qos: string | null; sizeMiB: number; freeMiB: number; mountPoint: string; state: string; folders: string[]; lockDevice: string | null }

const tebibyte = 1_048_576

describe('repo add', () => {
  const farm = new Typed('figure-8')
  const show = (name: string) => farm.json<Repo>(`repo show ${name}`)

  it('extends a pool by a device: initialised, mounted by every server, never the root of a pool that has one', async () => {
    const report = await farm.report('repo add --pool pool1 --device /dev/sdc1 --qos gold')
    expect(report).toMatchObject({ operation: 'repo.add', done: 1, elapsedSeconds: 10, items: [{ kind: 'repo', name: '/dev/sdc1', pool: 'pool1', result: 'done', state: 'active' }] })
    const repo = await show('/dev/sdc1')
    expect(repo).toMatchObject({ id: report.items[0]!.id, pool: 'pool1', kind: 'san', device: '/dev/sdc1', root: false, qos: 'gold', sizeMiB: 4 * tebibyte, freeMiB: 4 * tebibyte, state: 'active', lockDevice: null })
    // Transcripts: repos.py prints the uuid, mount its folder.
    expect(repo.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(repo.mountPoint).toBe(`/var/ovs/mount/${repo.uuid.replaceAll('-', '').toUpperCase()}`)
    expect(repo.folders.map(folder => folder.replace(`${repo.mountPoint}/`, ''))).toEqual(['iso_pool', 'lost+found', 'publish_pool', 'running_pool', 'seed_pool', 'sharedDisk'])
    expect(await farm.json<HealthCheck[]>('repo check /dev/sdc1')).toMatchObject([
      { check: 'repository pool1//dev/sdc1 mounts', result: 'ok', message: `mounted by all 2 servers of the pool at ${repo.mountPoint}` }, { check: 'repository pool1//dev/sdc1 space', result: 'ok' },
      { check: 'repository pool1//dev/sdc1 folders', result: 'ok' }, { check: 'repository pool1//dev/sdc1 files', result: 'ok', message: '0 recorded, 0 there' },
    ])
  })

  it('tells by the name where it lies, and what the cluster locks by on NFS', async () => {
    await farm.ok('repo add --pool pool1 --device iqn.2010-07.com.example:lun3 --size-mib 500GiB', 'repo add --pool pool1 --nfs filer:/exports/ovs/', 'repo add --pool pool2 --device /dev/sdc1')
    expect(await show('iqn.2010-07.com.example:lun3')).toMatchObject({ kind: 'iscsi', sizeMiB: 512_000, lockDevice: null })
    const nfs = await show('filer:/exports/ovs')
    expect(nfs).toMatchObject({ kind: 'nfs', device: 'filer:/exports/ovs', lockDevice: `${nfs.mountPoint}/.ocfs2-lock.img` })
    expect(await farm.json<HealthCheck[]>('repo check filer:/exports/ovs')).toContainEqual(expect.objectContaining({ check: 'repository pool1/filer:/exports/ovs lock', result: 'ok' }))
    // The disk of another server, which happens to be called the same.
    expect(await show('pool2//dev/sdc1')).toMatchObject({ kind: 'local', sizeMiB: tebibyte })
  })

  it('is refused for a device that holds one already: of the pool, or of any other where the name means the same everywhere', async () => {
    const own = await farm.refused('repo add --pool pool1 --device /dev/sdc1', 'repo.in-use', 5)
    expect(own).toMatchObject({ message: '/dev/sdc1 holds a repository of pool pool1 already', hint: `repo show ${(await show('pool1//dev/sdc1')).id}` })
    await farm.ok('vm disk add vm1 --device /dev/sdq1')
    expect(await farm.refused('repo add --pool pool1 --device /dev/sdq1', 'repo.in-use', 5)).toMatchObject({ hint: 'vm disk list vm1 shows it', details: { guest: 'vm1' } })
    const two = new Typed('figure-9')
    for (const device of ['--nfs filer:/a', '--device iqn.2010-07.com.example:lun1', '--device /dev/mapper/360a98000486e2f34576f2f51715a714d']) {
      await two.ok(`repo add --pool site-a ${device}`)
      expect(await two.refused(`repo add --pool site-b ${device}`, 'repo.in-use', 5)).toMatchObject({ details: { pool: 'site-a' } })
    }
    await two.ok('repo add --pool site-a --device /dev/sdc1', 'repo add --pool site-b --device /dev/sdc1')
  })

  it('is refused what a pool with local storage cannot have', async () => {
    for (const device of ['--nfs filer:/b', '--device iqn.2010-07.com.example:lun9']) expect(await farm.refused(`repo add --pool pool2 ${device}`, 'repo.kind', 5)).toMatchObject({ hint: 'give a disk of its server, such as /dev/sdc1' })
  })

  it('is refused whatever is no device, no export, no size, no class or no pool, and to whoever may not', async () => {
    for (const flags of ['', '--device /dev/sdd1 --nfs filer:/x', '--device sdd1', '--device "/dev/sd d"', '--nfs filer', '--nfs filer:x', '--device /dev/sdd1 --size-mib 0', '--device /dev/sdd1 --size-mib 1.5', '--device /dev/sdd1 --qos platinum']) {
      const ended = await farm.run(`repo add --pool pool1 ${flags} -o json`)
      expect([flags, ended.exit, (JSON.parse(ended.stdout) as { error: { code: string } }).error.code]).toEqual([flags, 2, 'usage.argument'])
    }
    await farm.refused('repo add --pool pool9 --device /dev/sdd1', 'not-found.pool', 3)
    await farm.refused('repo add --pool pool1 --device /dev/sdd1 --user alice', 'auth.denied', 4)
    expect((await farm.json<Repo[]>('repo list')).map(repo => repo.device)).not.toContain('/dev/sdd1')
  })

  it('tries out, and does the same again only once', async () => {
    expect(await farm.report('repo add --pool pool1 --device /dev/sde1 --dry-run')).toMatchObject({ wouldDo: 1, items: [{ result: 'would-do', state: 'active' }] })
    await farm.ok('repo add --pool pool1 --device /dev/sde1 --request-key k1', 'repo add --pool pool1 --device /dev/sde1 --request-key k1')
    expect((await farm.json<Repo[]>('repo list')).filter(repo => repo.device === '/dev/sde1')).toHaveLength(1)
  })
})

describe('a repository', () => {
  const farm = new Typed('figure-8')

  it('is called by its id, uuid or device, with its pool where several have one of that name', async () => {
    await farm.ok('repo add --pool pool1 --device /dev/sdc1')
    const [, extended, other] = await farm.json<Repo[]>('repo list')
    for (const name of [extended!.id, extended!.uuid, '/dev/sdc1', 'pool1//dev/sdc1', 'pool1/dev/sdc1']) expect((await farm.json<Repo>(`repo show ${name}`)).id, name).toBe(extended!.id)
    expect((await farm.json<Repo>('repo show pool2//dev/sdb1')).id).toBe(other!.id)
    expect(await farm.refused('repo show /dev/sdb1', 'usage.ambiguous', 2)).toMatchObject({ message: expect.stringContaining('pool1//dev/sdb1, pool2//dev/sdb1') as string })
    expect(await farm.refused('repo remove /dev/sdb1 --yes', 'usage.ambiguous', 2)).toMatchObject({ hint: 'write pool/name' })
    await farm.refused('repo remove /dev/sdz1 --yes', 'not-found.repo', 3)
    await farm.refused('repo show pool1//dev/sdz1', 'not-found.repo', 3)
    for (const words of ["'/dev/sdc*'", "'pool1//dev/sdc?'", `${extended!.uuid} ${extended!.id}`, '--pool pool1 --exclude pool1//dev/sdb1', "--pool pool1 --exclude '/dev/sdb*'"]) {
      expect((await farm.report(`repo remove ${words} --dry-run`)).items.map(item => item.name), words).toEqual(['/dev/sdc1'])
    }
  })
})

describe('repo root', () => {
  it('moves the root and leaves the files; already so is unchanged, or with --strict a failure', async () => {
    const farm = new Typed('figure-7', '--running')
    await farm.ok('repo add --pool pool1 --device /dev/sdc1')
    expect(await farm.report('repo root /dev/sdc1')).toMatchObject({ done: 1, items: [{ kind: 'repo', name: '/dev/sdc1', state: 'active' }] })
    const roots = async () => (await farm.json<Repo[]>('repo list')).map(repo => [repo.device, repo.root])
    expect(await roots()).toEqual([['/dev/sdc1', true], ['/dev/sdb1', false]])
    expect((await farm.json<{ repository: string }>('vm show vm1')).repository).toBe('/dev/sdb1')
    expect((await farm.json<HealthCheck[]>('repo check')).filter(({ check }) => check.endsWith('mounts')).map(({ result, message }) => [result, message.endsWith('as its root')])).toEqual([['ok', true], ['ok', false]])
    expect(await farm.report('repo root /dev/sdc1')).toMatchObject({ unchanged: 1, items: [{ job: null }] })
    expect(await farm.refused('repo root /dev/sdc1 --strict', 'repo.unchanged', 5)).toMatchObject({ hint: 'leave out --strict to take that as success' })
    for (const line of ['repo root', 'repo root /dev/sdc1 /dev/sdb1']) await farm.refused(line, 'usage.argument', 2)
  })

  it('stays where it is while the pool has HA', async () => {
    const farm = new Typed('figure-7', '--ha')
    await farm.ok('repo add --pool pool1 --device /dev/sdc1')
    expect(await farm.refused('repo root /dev/sdc1', 'repo.ha', 5)).toMatchObject({ message: expect.stringContaining('heartbeat') as string, hint: 'switch the HA of pool pool1 off first' })
  })
})

describe('repo remove', () => {
  const farm = new Typed('figure-9')

  it('always asks', async () => {
    await farm.ok('repo add --pool site-a --nfs filer:/a')
    expect(await farm.refused('repo remove filer:/a', 'guard.confirm', 5)).toMatchObject({ details: { count: 1, names: ['filer:/a'] } })
  })

  it('is refused while anything lies in it, with the list', async () => {
    await farm.ok('vm move a-vm1 --repo filer:/a', 'disk create quorum --pool site-a --size-mib 1024 --repo filer:/a')
    expect(await farm.refused('repo remove filer:/a --yes', 'repo.not-empty', 5)).toMatchObject({
      message: 'in filer:/a of pool site-a there are shared disk quorum, guest a-vm1', hint: 'move guests away with vm move --repo, delete the rest', details: { total: 2, holds: [{ kind: 'disk', name: 'quorum' }, { kind: 'vm', name: 'a-vm1' }] },
    })
    await farm.ok('disk delete quorum --yes', 'vm move a-vm1 --repo site-a//dev/sdb1 --no-wait', 'sim clock --advance 10s')
    // A guest on its way out is there until it is away.
    expect(await farm.refused('repo remove filer:/a --yes', 'repo.not-empty', 5)).toMatchObject({ details: { total: 1 } })
    await farm.ok('sim clock --advance 10m', 'vm move a-vm1 --repo filer:/a --no-wait', 'sim clock --advance 10s')
    // And one on its way in as well.
    expect(await farm.refused('repo remove filer:/a --yes', 'repo.not-empty', 5)).toMatchObject({ details: { total: 1, holds: [{ kind: 'vm', name: 'a-vm1' }] } })
    await farm.ok('sim clock --advance 10m', 'vm move a-vm1 --repo site-a//dev/sdb1')
  })

  it('never takes the root while there are others', async () => {
    expect(await farm.refused('repo remove site-a//dev/sdb1 --yes', 'repo.root', 5)).toMatchObject({ message: '/dev/sdb1 is the root of pool site-a, which has 1 other repository', hint: 'repo root REPO makes another the root' })
  })

  it('frees the device, for another pool too', async () => {
    expect(await farm.report('repo remove filer:/a --yes')).toMatchObject({ done: 1, items: [{ state: null }] })
    expect(await farm.ok('repo list --columns device --no-header')).toBe('/dev/sdb1\n/dev/sdb1\n')
    await farm.ok('repo add --pool site-b --nfs filer:/a')
    await farm.refused('repo remove filer:/a --yes --user alice', 'auth.denied', 4)
  })
})

describe('work on repositories that is cut', () => {
  it('leaves nothing of a new one, and one that was leaving stays', async () => {
    const farm = new Typed('figure-9')
    await farm.ok('repo add --pool site-b --device /dev/sdc1')
    for (const line of ['repo add --pool site-a --device /dev/sdd1', 'repo remove /dev/sdc1 --yes']) {
      const server = line.includes('add') ? 'ovs-a1' : 'ovs-b1'
      const { run } = await farm.report(`${line} --no-wait`)
      await farm.ok(`sim fault server-power-loss ${server} --for 30s`, 'sim clock --advance 10m')
      expect((await farm.report(`run show ${run}`)).items).toMatchObject([{ result: 'failed', error: { code: 'server.lost' } }])
    }
    expect((await farm.json<Repo[]>('repo list')).map(repo => [repo.pool, repo.device, repo.state])).toEqual([['site-a', '/dev/sdb1', 'active'], ['site-b', '/dev/sdb1', 'active'], ['site-b', '/dev/sdc1', 'active']])
    const checks = await farm.json<HealthCheck[]>('repo check')
    expect(checks.filter(({ result }) => result !== 'ok')).toEqual([])
    // The server knows of none of it either.
    await farm.ok('repo add --pool site-a --device /dev/sdd1', 'repo remove /dev/sdc1 --yes')
    // What was cut and came another way is not done twice.
    const [cut] = await farm.json<{ id: string }[]>('run list --filter operation=repo.add --filter failed=1')
    expect(await farm.refused(`run retry ${cut!.id}`, 'repo.in-use', 5)).toMatchObject({ hint: 'repo list shows which' })
  })
})

describe('classes of service', () => {
  it('scale what a device carries: to bronze twice as long as to silver, between golds half as long', async () => {
    const farm = new Typed('figure-7')
    await farm.ok(...['gold', 'silver', 'bronze'].map((qos, at) => `repo add --pool pool1 --device /dev/sd${'cde'[at]!}1 --qos ${qos}`), 'repo add --pool pool1 --device /dev/sdf1 --qos gold')
    const seconds = async (repo: string) => (await farm.report(`vm move vm1 --repo ${repo}`)).items[0]!.seconds!
    const silver = await seconds('/dev/sdd1')
    // 20,480 MiB at 200 MB/s, and a second to tidy up.
    expect(silver).toBeCloseTo((20_480 * 1.048576) / 200 + 1, 0)
    const bronze = await seconds('/dev/sde1')
    await seconds('/dev/sdc1')
    const gold = await seconds('/dev/sdf1')
    // So whoever wants to be through in three minutes is not begun on bronze.
    expect((await farm.report('vm move vm2 --repo /dev/sde1 --finish-by +3m')).items).toMatchObject([{ result: 'not-attempted', error: { code: 'run.deadline' } }])
    expect((await farm.report('vm move vm2 --repo /dev/sdd1 --finish-by +3m')).items).toMatchObject([{ result: 'done' }])
    expect([(bronze - 1) / (silver - 1), (gold - 1) / (silver - 1)].map(ratio => Math.round(ratio * 10) / 10)).toEqual([2, 0.5])
  })
})

describe('repo check', () => {
  it('tells of servers that are off, and of what only the record or only the repository has', async () => {
    const farm = new Typed('figure-7')
    await farm.ok('server stop ovs2 --yes')
    const [mounts] = await farm.json<HealthCheck[]>('repo check /dev/sdb1')
    expect(mounts).toMatchObject({ result: 'warning', message: 'mounted by 1 of 2 servers; ovs2 is not up, and will mount it when booting', hint: 'server start --pool pool1' })
    expect((await farm.run('repo check')).exit).toBe(0)
    await farm.ok('sim fault agent-down ovs1')
    const down = await farm.run('repo check -o json')
    expect([down.exit, JSON.parse(down.stdout)]).toMatchObject([8, [{ result: 'error', message: 'ovs1 could not be asked' }]])
    await farm.refused('repo check /dev/sdz1', 'not-found.repo', 3)
  })
})
