import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { Refusal } from '../../src/model/errors.js'
import { give, Outside } from '../host/outside.js'
import { ImportFarm } from './import-farm.js'

const outside = new Outside()
afterEach(() => outside.close())

const mib = 1_048_576
const cfg = ['name = \'other\'', 'memory = 512', 'vcpus = 2', 'OVM_os_type = \'Oracle Enterprise Linux 5\'', 'vif = [\'mac=00:16:3e:00:00:01,bridge=xenbr1\', \'\']', 'disk = [\'file:/OVS/running_pool/1_other/System.img,xvda,w\', \'file:/OVS/running_pool/1_other/data.img,xvdb,w\']', 'vfb = [\'type=vnc,vncpasswd=geheim\']', ''].join('\n')
const guest = { 'vm.cfg': cfg, 'System.img': Buffer.alloc(2 * mib + 1, 's'), 'data.img': Buffer.alloc(mib, 'd') }
const etag = { etag: '"one"' }

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => 'nothing was refused', error => { if (error instanceof Refusal) return error.code; throw error })
}

/** A server that gives bytes, the first `held` of them at once and the rest when told to; each request is told of. */
function holding(bytes: Buffer, held: number) {
  const asked: string[] = []
  let more: () => void = () => {}
  let reached: () => void = () => {}
  const underWay = new Promise<void>(resolve => { reached = resolve })
  const origin = outside.http((from, to) => {
    asked.push(`${from.method} ${from.headers.range ?? ''}`.trim())
    give(bytes, etag, from, to, part => {
      if (asked.filter(one => one.startsWith('GET')).length > 1) return void to.end(part)
      to.write(part.subarray(0, held), () => reached())
      more = () => void to.end(part.subarray(held))
    })
  })
  return { origin, asked, underWay, goOn: () => more() }
}

describe('importing', () => {
  it('a guest: its files are looked at, its room is taken, it gets addresses of its own, and the password that came with it is not kept', async () => {
    const farm = await ImportFarm.make()
    const free = await farm.freeMiB()
    const report = await farm.run(farm.request('vm.import', { user: 'operator', details: farm.importing('web', { path: farm.put('web', guest) }) }))
    expect(report).toMatchObject({ operation: 'vm.import', total: 1, done: 1, items: [{ kind: 'vm', name: 'web', pool: 'pool1', state: 'powered-off' }] })
    const bytes = 3 * mib + 1 + cfg.length
    expect(report.elapsedSeconds).toBeCloseTo(bytes / 200e6 + 1, 2)
    const web = await farm.show('vm', 'web')
    expect(web).toMatchObject({ id: report.items[0]!.id, type: 'pv', os: 'el5', vcpus: 2, memoryMiB: 512, diskMiB: 4, owner: 'operator', visibility: 'private', state: 'powered-off', bootDevice: 'hdd' })
    expect(web['nics']).toEqual([{ name: 'eth0', bridge: 'xenbr1', mac: expect.stringMatching(/^00:16:3e:(?!00:00:01)/) }, { name: 'eth1', bridge: 'xenbr0', mac: expect.stringMatching(/^00:16:3e:/) }])
    expect(web['disks']).toEqual([{ name: 'xvda', kind: 'file', sizeMiB: 3, file: 'running_pool/web/System.img' }, { name: 'xvdb', kind: 'file', sizeMiB: 1, file: 'running_pool/web/data.img' }])
    expect(await farm.freeMiB()).toBe(free - 4)
    expect(await farm.list('image')).toEqual([])
    expect(farm.left()).toEqual([])
    expect(await farm.kept()).not.toContain('geheim')
    expect(await farm.run(farm.request('vm.start', { targets: ['web'] }))).toMatchObject({ done: 1 })
  })

  it('an archive over the network, in as much time as its bytes take there; approved it is what it is to be', async () => {
    const farm = await ImportFarm.make()
    farm.put('image', guest)
    const made = spawnSync('tar', ['-C', farm.folder, '-czf', join(farm.folder, 'image.tgz'), 'image'])
    expect(made.status).toBe(0)
    const bytes = (await import('node:fs')).readFileSync(join(farm.folder, 'image.tgz'))
    const origin = await outside.http((from, to) => give(bytes, {}, from, to))
    const checksum = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    for (const kind of ['template', 'image'] as const) {
      const report = await farm.run(farm.request(`${kind}.import`, { details: farm.importing('arrived', { url: `${origin.replace('//', '//me:pass%20word@')}/x.tgz?key=4711` }, { checksum }) }))
      expect(report).toMatchObject({ done: 1, items: [{ kind, state: 'pending' }] })
      expect(report.elapsedSeconds).toBeCloseTo(bytes.length / 100e6 + 1, 2)
      expect(await farm.show(kind, 'arrived')).toMatchObject({ state: 'pending', type: 'pv', os: 'el5', sizeMiB: 4, vcpus: 2, memoryMiB: 512, nics: [{ bridge: 'xenbr1' }, { bridge: 'xenbr0' }], source: `${origin}/x.tgz?…`, checksum, reason: null })
    }
    expect(await farm.kept()).not.toMatch(/pass.{1,3}word|4711|me:/)
    expect(await farm.run(farm.request('template.approve', { targets: ['arrived'] }))).toMatchObject({ done: 1, items: [{ state: 'active' }] })
    expect(await farm.run(farm.request('template.approve', { targets: ['arrived'] }))).toMatchObject({ unchanged: 1 })
    expect((await farm.run(farm.request('template.approve', { targets: ['arrived'], strict: true }))).items[0]!.error).toMatchObject({ code: 'template.unchanged' })
    const { id } = await farm.show('image', 'arrived')
    expect(await farm.run(farm.request('image.approve', { targets: ['arrived'] }))).toMatchObject({ done: 1, items: [{ state: 'powered-off' }] })
    expect(await farm.show('vm', 'arrived')).toMatchObject({ id, vcpus: 2, diskMiB: 4, owner: 'admin' })
    expect(await farm.list('image')).toEqual([])
    expect(await farm.list('event', 'kind=image.approve')).toMatchObject([{ message: 'image arrived approved: it is a guest now' }])
  })

  it('a disk alone as somebody says what it is, an ISO as it is', async () => {
    const farm = await ImportFarm.make()
    const disk = farm.put('disk.img', Buffer.alloc(mib + 1, 'x'))
    expect(await farm.run(farm.request('vm.import', { details: farm.importing('win', { path: disk }, { type: 'hvm', os: 'Windows Server 2003' }) }))).toMatchObject({ done: 1 })
    expect(await farm.show('vm', 'win')).toMatchObject({ type: 'hvm', os: 'windows2003', vcpus: 1, memoryMiB: 1_024, diskMiB: 2, disks: [{ name: 'hda', sizeMiB: 2, file: 'running_pool/win/System.img' }] })
    expect(await farm.run(farm.request('iso.import', { details: farm.importing('cd.iso', { path: disk }, { os: 'el5' }) }))).toMatchObject({ done: 1, items: [{ state: 'pending' }] })
    expect(await farm.show('iso', 'cd.iso')).toMatchObject({ state: 'pending', type: null, os: 'el5', sizeMiB: 2, source: disk })
  })

  it('is refused before anything is written for what can be seen beforehand', async () => {
    const farm = await ImportFarm.make()
    const path = farm.put('disk.img', 'x')
    const refusals: [Record<string, unknown>, string, Parameters<ImportFarm['request']>[0]?][] = [
      [farm.importing('x', { url: 'gopher://a/b' }), 'import.url'], [farm.importing('x', { path: 'relative' }), 'import.url'], [farm.importing('x', { path }, { checksum: 'sha256:12' }), 'import.url'],
      [farm.importing('x', { path }, { proxy: 'ftp://a' }), 'import.url'], [farm.importing('x', { path }, { pool: 'nowhere' }), 'not-found.pool'], [farm.importing('-x', { path }), 'usage.name'],
      [farm.importing('x', { path }, { type: 'pv', os: 'windows2003' }), 'vm.os-mode'], [farm.importing('x', { path }, { os: 'cp/m' }), 'usage.argument'], [farm.importing('vm1', { path }), 'image.exists'],
      [farm.importing('x', { path }, { type: 'pv' }), 'usage.argument', 'iso.import'], [farm.importing('ol5u5.iso', { path }), 'iso.exists', 'iso.import'], [farm.importing('ol5u5-pv', { path }), 'template.exists', 'template.import'], [farm.importing('vm1', { path }), 'vm.exists', 'vm.import'],
    ]
    for (const [details, code, operation = 'image.import'] of refusals) expect(await codeOf(farm.run(farm.request(operation, { details }))), JSON.stringify(details)).toBe(code)
    for (const operation of ['vm.import', 'image.import', 'iso.register', 'template.approve', 'image.cancel', 'iso.delete'] as const) expect(await codeOf(farm.run(farm.request(operation, { user: 'alice', details: {} }))), operation).toBe('auth.denied')
    expect(await farm.list('run')).toEqual([])
  })

  it('stays listed with its reason when it fails, and holds nothing', async () => {
    const farm = await ImportFarm.make()
    const free = await farm.freeMiB()
    const before = await farm.worldFiles()
    const failures: [string, string, Record<string, unknown>, string][] = [
      ['nothing', join(farm.folder, 'nowhere'), {}, 'import.not-found'],
      ['bare', farm.put('bare.img', 'x'), {}, 'import.archive'],
      ['zip', farm.put('a.zip', 'PK\x03\x04'), {}, 'import.archive'],
      ['empty', farm.put('empty.img', ''), { type: 'pv' }, 'import.archive'],
      ['cut', farm.put('cut.tgz', gzipSync(Buffer.alloc(2_048, 'x')).subarray(0, 20)), {}, 'import.archive'],
      ['nocfg', farm.put('nocfg', { 'System.img': 'x' }), {}, 'import.archive'],
      ['badcfg', farm.put('badcfg', { ...guest, 'vm.cfg': 'memory = \'much\'\nvcpus = 0\n' }), {}, 'import.vm-cfg'],
      ['nodisk', farm.put('nodisk', { 'vm.cfg': cfg, 'System.img': 'x' }), {}, 'import.vm-cfg'],
      ['mode', farm.put('mode', { ...guest, 'vm.cfg': cfg.replace('Oracle Enterprise Linux 5', 'Windows 2003') }), {}, 'vm.os-mode'],
      ['sum', farm.put('sum.img', 'x'), { type: 'pv', checksum: `sha256:${'0'.repeat(64)}` }, 'import.checksum'],
    ]
    for (const [name, path, more, code] of failures) {
      const report = await farm.run(farm.request('vm.import', { details: farm.importing(name, { path }, more) }))
      expect({ name, code: report.items[0]!.error?.code, state: report.items[0]!.state, hint: report.items[0]!.error?.hint }).toEqual({ name, code, state: 'error', hint: expect.stringMatching(/./) })
      expect(await farm.show('image', name)).toMatchObject({ state: 'error', sizeMiB: 0, reason: report.items[0]!.error!.message })
    }
    expect((await farm.list('job', 'subject=badcfg'))[0]).toMatchObject({ state: 'failed', error: { details: { faults: [{ line: 1 }, { line: 2 }] } } })
    expect((await farm.list('job', 'subject=nodisk'))[0]).toMatchObject({ error: { details: { faults: [{ line: 6, message: 'the file of xvdb, data.img, did not come with it' }] } } })
    expect(await farm.freeMiB()).toBe(free)
    expect(await farm.worldFiles()).toEqual(before)
    expect(farm.left()).toEqual([])
    const deleted = await farm.run(farm.request('image.delete', { targets: failures.map(([name]) => name) }))
    expect(deleted).toMatchObject({ total: failures.length, done: failures.length })
    expect(await farm.list('image')).toEqual([])
  })

  it('looks for room before a byte comes, and takes no more than there is', async () => {
    const farm = await ImportFarm.make()
    const asked: string[] = []
    // 5 TiB, in a repository of 4: whoever announces it need not send it.
    const origin = await outside.http((from, to) => { asked.push(from.method!); to.writeHead(200, { 'content-length': String(5 * 1024 * 1024 * mib) }).end() })
    const request = () => farm.request('iso.import', { details: farm.importing('big.iso', { url: origin }) })
    expect((await farm.run(request())).items[0]!.error).toMatchObject({ code: 'capacity.space', hint: 'repo list shows what there is; repo add extends it' })
    expect(asked).toEqual(['HEAD'])
    await farm.run(farm.request('iso.delete', { targets: ['big.iso'] }))
    expect((await farm.run({ ...request(), policy: { ...request().policy, dryRun: true } })).items[0]).toMatchObject({ result: 'would-fail', error: { code: 'capacity.space' } })
    expect(asked).toEqual(['HEAD', 'HEAD'])
  })

  it('tried out: asks how big it is, and fetches nothing', async () => {
    const farm = await ImportFarm.make()
    const asked: string[] = []
    const origin = await outside.http((from, to) => { asked.push(from.method!); give(Buffer.from('x'), etag, from, to) })
    expect(await farm.run(farm.request('vm.import', { details: farm.importing('web', { url: origin }, { type: 'pv' }), dryRun: true }))).toMatchObject({ wouldDo: 1 })
    expect(asked).toEqual(['HEAD'])
    expect([await farm.list('image'), await farm.list('run'), farm.left()]).toEqual([[], [], []])
  })
})

describe('an import under way', () => {
  it('tells how far it is and holds its room, and is cancelled by another command', async () => {
    const farm = await ImportFarm.make()
    const free = await farm.freeMiB()
    const server = holding(Buffer.alloc(4 * mib, 'x'), 3 * mib)
    const running = farm.run(farm.request('iso.import', { details: farm.importing('cd.iso', { url: await server.origin }) }))
    await server.underWay
    const other = farm.another()
    const seen = async () => (await farm.list('job', 'operation=iso.import'))[0]!
    while (((await seen())['progress'] as number) < 60) await new Promise(resolve => setImmediate(resolve))
    expect(await seen()).toMatchObject({ state: 'running', step: 'fetching' })
    expect(await farm.show('iso', 'cd.iso')).toMatchObject({ state: 'importing', sizeMiB: 4 })
    expect(await farm.freeMiB()).toBe(free - 4)
    const states = (await farm.run(farm.request('iso.approve', { targets: ['cd.iso'] }), other)).items.concat((await farm.run(farm.request('iso.delete', { targets: ['cd.iso'] }), other)).items)
    expect(states.map(item => [item.error?.code, item.error?.hint])).toEqual([['iso.state', 'iso list --state pending shows what waits'], ['iso.state', 'iso cancel cd.iso']])
    expect(await farm.run(farm.request('iso.cancel', { targets: ['cd.iso'] }), other)).toMatchObject({ done: 1, items: [{ state: 'error' }] })
    expect((await running).items[0]).toMatchObject({ result: 'failed', state: 'error', error: { code: 'job.aborted' } })
    expect(await farm.show('iso', 'cd.iso')).toMatchObject({ state: 'error', sizeMiB: 0, reason: 'the import was cancelled' })
    expect([await farm.freeMiB(), farm.left().filter(name => name.includes('bytes'))]).toEqual([free, []])
    // Begun anew, and from the beginning: nothing of it was kept.
    const retried = await farm.follow(await farm.manager.retryRun({ principal: { user: 'admin' }, requestKey: 'again', run: (await running).run!, change: {}, timeoutMs: null, noWait: false, reason: null }))
    expect(retried).toMatchObject({ done: 1, items: [{ state: 'pending' }] })
    expect(server.asked.filter(one => one.startsWith('GET'))).toEqual(['GET', 'GET'])
  })

  it('is aborted as any job', async () => {
    const farm = await ImportFarm.make()
    const server = holding(Buffer.alloc(mib, 'x'), 1_000)
    const running = farm.run(farm.request('iso.import', { details: farm.importing('cd.iso', { url: await server.origin }) }))
    await server.underWay
    await farm.another().abortJobs({ principal: { user: 'admin' }, jobs: [(await farm.list('job'))[0]!['id'] as string], reason: null, timeoutMs: null })
    expect((await running).items[0]).toMatchObject({ result: 'failed', state: 'error', error: { code: 'job.aborted' } })
    expect(await farm.show('iso', 'cd.iso')).toMatchObject({ state: 'error', sizeMiB: 0 })
  })

  it('ends with the server that fetches it, and leaves nothing', async () => {
    const farm = await ImportFarm.make()
    const before = await farm.worldFiles()
    const server = holding(Buffer.alloc(mib, 'x'), 1_000)
    const running = farm.run(farm.request('iso.import', { details: farm.importing('cd.iso', { url: await server.origin }) }))
    await server.underWay
    await farm.fault('server-power-loss', 'ovs1')
    // A server that is silent cannot tell how it ended; nothing of it is left at once.
    expect((await running).items[0]).toMatchObject({ name: 'cd.iso', result: 'unknown' })
    expect(await farm.worldFiles()).toEqual(before)
    expect(await farm.run(farm.request('server.start', { targets: ['ovs1'] }))).toMatchObject({ done: 1 })
    expect(await farm.show('iso', 'cd.iso')).toMatchObject({ state: 'error', sizeMiB: 0, reason: 'server ovs1 went down under it' })
  })

  it('handed over is fetched by whoever waits next', async () => {
    const farm = await ImportFarm.make()
    const asked: string[] = []
    const origin = await outside.http((from, to) => { asked.push(from.method!); give(Buffer.alloc(mib, 'x'), etag, from, to) })
    const report = await farm.run(farm.request('iso.import', { details: farm.importing('cd.iso', { url: origin }), noWait: true }))
    expect(report).toMatchObject({ accepted: 1 })
    expect(asked).toEqual([])
    farm.manager = farm.another()
    expect(await farm.show('iso', 'cd.iso')).toMatchObject({ state: 'importing' })
    expect(await farm.run(farm.request('vm.start', { targets: ['vm1'] }))).toMatchObject({ done: 1 })
    expect(asked).toEqual(['HEAD', 'GET'])
    expect(await farm.show('iso', 'cd.iso')).toMatchObject({ state: 'pending', sizeMiB: 1 })
  })

  it('is let go by an interrupted command, and gone on with where it was', async () => {
    const farm = await ImportFarm.make()
    const server = holding(Buffer.alloc(4 * mib, 'x'), 3 * mib)
    const request = farm.request('iso.import', { details: farm.importing('cd.iso', { url: await server.origin }) })
    const handle = await farm.manager.startRun(request)
    const following = farm.follow(handle)
    await server.underWay
    while (((await farm.list('job'))[0]!['progress'] as number) < 60) await new Promise(resolve => setImmediate(resolve))
    await farm.manager.interruptRun({ principal: { user: 'admin' }, run: handle.run })
    expect((await following).items[0]).toMatchObject({ result: 'unknown', error: { code: 'run.interrupted' } })
    expect(farm.left().some(name => name.endsWith('came.part/bytes'))).toBe(true)
    const resumed = await farm.manager.resumeRun({ principal: { user: 'admin' }, run: handle.run, change: {}, timeoutMs: null, noWait: false })
    expect(await farm.follow(resumed)).toMatchObject({ done: 1, items: [{ state: 'pending' }] })
    expect(server.asked.filter(one => one.startsWith('GET'))).toEqual(['GET', expect.stringMatching(/^GET bytes=[1-9]\d*-$/)])
    expect(farm.left()).toEqual([])
  })

  it('that breaks off goes on with run retry from where it was', async () => {
    const farm = await ImportFarm.make()
    const bytes = Buffer.alloc(4 * mib, 'x')
    const asked: string[] = []
    const origin = await outside.http((from, to) => {
      if (from.method === 'GET') asked.push(from.headers.range ?? '')
      give(bytes, etag, from, to, part => (asked.length === 1 ? void to.write(part.subarray(0, 2 * mib), () => to.destroy()) : void to.end(part)))
    })
    const report = await farm.run(farm.request('iso.import', { details: farm.importing('cd.iso', { url: origin }) }))
    expect(report.items[0]).toMatchObject({ result: 'failed', state: 'error', error: { code: 'import.cut' } })
    const retried = await farm.follow(await farm.manager.retryRun({ principal: { user: 'admin' }, requestKey: 'again', run: report.run!, change: {}, timeoutMs: null, noWait: false, reason: null }))
    expect(retried).toMatchObject({ done: 1, items: [{ name: 'cd.iso', state: 'pending' }] })
    expect(asked).toEqual(['', expect.stringMatching(/^bytes=[1-9]/)])
    expect(await farm.show('iso', 'cd.iso')).toMatchObject({ state: 'pending', reason: null })
  })

  it('shares bandwidth and limits with other copies, and a deadline that passes leaves it going', async () => {
    const farm = await ImportFarm.make()
    const path = farm.put('cd.iso', Buffer.alloc(20 * mib, 'x'))
    const report = await farm.run(farm.request('iso.import', { details: farm.importing('cd.iso', { path }), timeoutMs: 500 }))
    expect(report.items[0]).toMatchObject({ result: 'unknown', error: { code: 'run.deadline' } })
    await farm.manager.moveClock({ principal: { user: 'admin' }, advanceMs: 5_000, rate: null })
    expect(await farm.show('iso', 'cd.iso')).toMatchObject({ state: 'pending', sizeMiB: 20 })
  })
})

describe('what arrived', () => {
  it('is registered where it lies, approved, and cancelled before that', async () => {
    const farm = await ImportFarm.make()
    const discover = (user: string, kind: 'image' | 'template' | 'iso', pool: string | null = null) => farm.manager.discover({ principal: { user }, kind, pool })
    expect(await discover('operator', 'image')).toEqual(['pool1', 'pool2'].map(pool => ({ name: 'ol5u5-extra', pool, type: 'pv', os: 'el5', sizeMiB: 4_096, repository: '/dev/sdb1' })))
    expect(await codeOf(discover('alice', 'image'))).toBe('auth.denied')
    expect(await codeOf(discover('admin', 'iso', 'nowhere'))).toBe('not-found.pool')
    const free = await farm.freeMiB()
    for (const [kind, name] of [['image', 'ol5u5-extra'], ['template', 'ol5u5-extra'], ['iso', 'ol5u5-extra.iso']] as const) {
      const details = { name, pool: 'pool1' }
      expect(await codeOf(farm.run(farm.request(`${kind}.register`, { details: { name: 'nothing', pool: 'pool1' } })))).toBe('import.not-found')
      expect(await farm.run(farm.request(`${kind}.register`, { details, dryRun: true }))).toMatchObject({ wouldDo: 1 })
      expect(await farm.run(farm.request(`${kind}.register`, { details }))).toMatchObject({ done: 1, items: [{ state: 'pending' }] })
      expect(await codeOf(farm.run(farm.request(`${kind}.register`, { details })))).toBe(`${kind}.exists`)
      expect(await discover('admin', kind, 'pool1')).toEqual([])
    }
    expect(await farm.freeMiB()).toBe(free - 4_096 - 4_096 - 1_024)
    expect(await farm.run(farm.request('image.approve', { targets: ['ol5u5-extra'] }))).toMatchObject({ done: 1 })
    expect(await farm.run(farm.request('vm.start', { targets: ['ol5u5-extra'] }))).toMatchObject({ done: 1 })
    expect(await farm.run(farm.request('iso.cancel', { targets: ['ol5u5-extra.iso'] }))).toMatchObject({ done: 1, items: [{ state: null }] })
    expect(await farm.list('iso', 'name=ol5u5-extra.iso')).toEqual([])
    expect(await discover('admin', 'iso', 'pool1')).toEqual([])
    expect((await farm.run(farm.request('iso.cancel', { targets: ['pool1/ol5u5.iso'] }))).items[0]!.error).toMatchObject({ code: 'iso.state', hint: 'iso delete ol5u5.iso removes it, and its files', details: { state: 'active', operation: 'cancel', allowed: ['importing', 'pending'] } })
  })

  it('is not deleted while somebody uses it: a template that is copied, an ISO in drives', async () => {
    const farm = await ImportFarm.make()
    await farm.run(farm.request('vm.create', { details: { guests: [(await import('../../src/model/guest-spec.js')).guestSpec({ name: 'cd1', pool: 'pool1', iso: 'ol5u5.iso' })] } }))
    expect((await farm.run(farm.request('iso.delete', { targets: ['pool1/ol5u5.iso'] }))).items[0]!.error).toEqual({ code: 'iso.in-use', message: 'ISO ol5u5.iso is in the drive of cd1', hint: 'vm cdrom eject cd1', details: { users: ['cd1'] } })
    expect(await farm.run(farm.request('iso.delete', { targets: ['pool2/ol5u5.iso'] }))).toMatchObject({ done: 1 })
    const { guestSpec } = await import('../../src/model/guest-spec.js')
    await farm.run(farm.request('vm.create', { details: { guests: [guestSpec({ name: 'new1', pool: 'pool1', template: 'ol5u5-pv' })] }, noWait: true }))
    expect((await farm.run(farm.request('template.delete', { targets: ['pool1/ol5u5-pv'] }))).items[0]!.error).toEqual({ code: 'template.in-use', message: 'template ol5u5-pv is being copied to new1', hint: 'try again when they are made', details: { users: ['new1'] } })
    await farm.manager.moveClock({ principal: { user: 'admin' }, advanceMs: 60_000, rate: null })
    const free = await farm.freeMiB()
    expect(await farm.run(farm.request('template.delete', { targets: ['pool1/ol5u5-pv'] }))).toMatchObject({ done: 1, items: [{ state: null }] })
    expect(await farm.freeMiB()).toBe(free + 8_192)
  })

  it('is taken back with run undo', async () => {
    const farm = await ImportFarm.make()
    const report = await farm.run(farm.request('vm.import', { details: farm.importing('web', { path: farm.put('web', guest) }) }))
    const undone = await farm.manager.undoRun({ principal: { user: 'admin' }, requestKey: 'undo', run: report.run!, confirmed: true, policy: farm.request('vm.delete').policy, reason: null })
    expect(await farm.follow(undone)).toMatchObject({ operation: 'vm.delete', done: 1 })
    expect(await farm.list('vm', 'name=web')).toEqual([])
  })
})
