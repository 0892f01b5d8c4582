import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStores } from '../../src/embedded/open.js'
import { basic, password, ServedFarm } from '../served-manager.js'
import { Session } from '../session.js'

interface Run { id: string; state: string; done: number }

describe('manager init', () => {
  it('makes a certificate for its owner only and gives the first administrator his password, once', () => {
    const farm = new ServedFarm('figure-8')
    const service = join(farm.home, 'ovm', 'farms', 'figure-8', 'service')
    expect(['cert.pem', 'key.pem'].map(name => statSync(join(service, name)).mode & 0o777)).toEqual([0o600, 0o600])
    const before = farm.json('manager status')
    expect(before).toMatchObject({ farm: 'figure-8', state: 'stopped', pid: null, url: null, logins: 0, hosts: expect.arrayContaining(['localhost', '127.0.0.1']) as unknown })
    const again = farm.runWith({ env: { OVMCLI_PASSWORD: password } }, 'manager init -o json')
    expect([again.exit, JSON.parse(again.stdout)]).toEqual([5, { error: expect.objectContaining({ code: 'manager.initialised', hint: expect.stringContaining('--force') as unknown }) as unknown }])
    const stranger = farm.run('manager init --force -o json')
    expect([stranger.exit, JSON.parse(stranger.stdout)]).toEqual([4, { error: expect.objectContaining({ code: 'auth.password' }) as unknown }])
    const renewed = farm.here<{ fingerprint: string; hosts: string[] }>('manager init --force --host manager.example.com')
    expect(renewed.fingerprint).not.toBe(before['fingerprint'])
    expect(renewed.hosts).toContain('manager.example.com')
  })
})

describe('manager serve', () => {
  it('serves, tells how it is without a login, is the only one, and ends with 0 on SIGTERM', async () => {
    const farm = new ServedFarm('figure-8')
    const manager = await farm.serve()
    expect(await farm.door('GET', '/healthz')).toEqual({ status: 200, text: '{"status":"ok"}\n' })
    expect((await farm.door('POST', '/OVSWS/FarmServiceSoapHttpPort')).status).toBe(401)
    expect((await farm.door('POST', '/login', basic('admin', password))).status).toBe(200)
    for (const service of ['FarmService', 'VirtualMachineService']) expect((await farm.door('GET', `/OVSWS/${service}SoapHttpPort?WSDL`, basic('admin', password))).text).toContain(farm.url)
    const second = farm.run('manager serve --https-port 0 -o json')
    const renewal = farm.runWith({ env: { OVMCLI_PASSWORD: password } }, 'manager init --force -o json')
    const deletion = farm.runWith({ env: { OVMCLI_PASSWORD: password } }, 'sim delete figure-8 --yes -o json')
    for (const refused of [second, renewal, deletion]) expect([refused.exit, JSON.parse(refused.stdout)]).toEqual([5, { error: expect.objectContaining({ code: 'manager.served', message: expect.stringContaining(farm.url) as unknown }) as unknown }])
    expect(farm.json('manager status')).toMatchObject({ state: 'served', url: farm.url, logins: 1 })
    const metrics = (await farm.door('GET', '/metrics')).text
    expect(metrics).toContain('ovmcli_calls_total{method="none",code="auth.password"} 1')
    expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m)
    manager.signal('SIGTERM')
    const { exit, stderr } = await manager.ended
    expect(exit).toBe(0)
    const log = stderr.trimEnd().split('\n').map(line => JSON.parse(line) as { event: string })
    expect(log.map(line => line.event)).toEqual(expect.arrayContaining(['listening', 'login', 'call', 'stopping', 'stopped']))
    expect(stderr).not.toContain(password)
    expect(farm.json('manager status')).toMatchObject({ state: 'stopped', url: null })
  })

  it('leaves a run that is under way to run resume when it is stopped', async () => {
    const farm = new ServedFarm('figure-8')
    farm.here('sim clock --rate 1')
    const manager = await farm.serve()
    farm.logIn()
    const client = farm.start('vm start vm1 vm2 vm3 --parallel 1 --profile work')
    await client.underWay
    manager.signal('SIGTERM')
    expect((await manager.ended).exit).toBe(0)
    await client.ended
    const [run] = farm.here<Run[]>("run list --filter operation=vm.start")
    expect(run).toMatchObject({ state: 'interrupted' })
    farm.here('sim clock --pause')
    expect(farm.here<{ done: number }>(`run resume ${run!.id}`)).toMatchObject({ total: 3, done: 3 })
  })

  it('loses nothing that it has answered when it is killed under load, and its claim dies with it', async () => {
    const farm = new ServedFarm('figure-8')
    const manager = await farm.serve()
    farm.logIn()
    const lines = Array.from({ length: 200 }, (_, at) => `vm ${at % 2 === 0 ? 'start' : 'stop --force'} vm${1 + (Math.floor(at / 2) % 6)} --profile work`)
    writeFileSync(join(farm.home, 'lines'), lines.join('\n'))
    const client = farm.start('batch --stop-on-error', join(farm.home, 'lines'))
    await client.printed(/"exit":0/, 8)
    manager.signal('SIGKILL')
    const answered = (await client.ended).stdout.trimEnd().split('\n').map(line => JSON.parse(line) as { exit: number; result: { run: string } }).filter(({ exit }) => exit === 0)
    expect(answered.length).toBeGreaterThanOrEqual(8)
    expect(answered.length).toBeLessThan(lines.length)
    const runs = new Map(farm.here<Run[]>('run list').map(run => [run.id, run]))
    for (const { result } of answered) expect(runs.get(result.run)).toMatchObject({ state: 'finished', done: 1 })
    expect(farm.json('manager status')).toMatchObject({ state: 'stopped' })
    await farm.serve()
    expect(farm.json('manager status')).toMatchObject({ state: 'served' })
  })

  it('lets a clock with a rate go on by itself', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    farm.logIn()
    farm.ok('sim clock --rate 1000 --profile work -q')
    farm.ok('vm start vm1 --no-wait -q --profile work')
    // Looked at behind the manager's back: whoever asks it would let the clock go on himself.
    const { repository, world } = openStores(join(farm.home, 'ovm', 'farms', 'figure-8'), false)
    const changes = repository.changes()
    const state = async () => (await repository.read(reader => reader.select<{ state: string }>({ state: 'state' }, "from vm where name = 'vm1'")))[0]!.state
    while ((await state()) !== 'running') await changes.next(1_000)
    await repository.close()
    await world.close()
  })

  it('wants a certificate first, and says why it cannot listen', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    const port = new URL(farm.url).port
    farm.ok('sim create other --preset figure-6 -q')
    const bare = farm.run('manager serve --farm other -o json')
    expect([bare.exit, JSON.parse(bare.stdout)]).toEqual([5, { error: expect.objectContaining({ code: 'manager.not-initialised', hint: expect.stringContaining('manager init --farm other') as unknown }) as unknown }])
    const short = farm.runWith({ input: 'short\n' }, 'manager serve --farm other --admin-password-file - -o json')
    expect([short.exit, JSON.parse(short.stdout)]).toEqual([2, { error: expect.objectContaining({ code: 'usage.password' }) as unknown }])
    expect(farm.json('manager status --farm other')).toMatchObject({ state: 'not-initialised' })
    farm.ok(`manager init --farm other -q --admin-password-file ${farm.passwordFile}`)
    const taken = farm.run(`manager serve --farm other --https-port ${port} -o json`)
    expect([taken.exit, JSON.parse(taken.stdout)]).toEqual([8, { error: expect.objectContaining({ code: 'manager.listen' }) as unknown }])
    expect(farm.json('manager status --farm other')).toMatchObject({ state: 'stopped' })
  })
})

it('manager serve is one command where it is given the password that init would be, and the second time takes what there is', async () => {
  const farm = new Session('figure-6')
  const file = join(farm.home, 'password')
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  for (const made of [true, false]) {
    const manager = farm.start('manager serve --https-port 0 --admin-password-file', file)
    const url = (await manager.printed(/^https/)).split('\n')[0]!
    farm.ok(`profile add again -q --manager ${url} --trust-on-first-use --password-file ${file}`)
    expect(farm.json<unknown[]>('vm list --profile again')).toHaveLength(4)
    manager.signal('SIGTERM')
    const { exit, stderr } = await manager.ended
    expect([exit, stderr.includes('made a certificate')]).toEqual([0, made])
  }
})

describe('manager backup and restore', () => {
  it('take a served farm as it is, in one checked file, and put it back when nobody serves it', async () => {
    const farm = new ServedFarm('figure-8')
    const manager = await farm.serve()
    farm.logIn()
    farm.ok('vm start vm1 -q --profile work')
    const file = join(farm.home, 'farm.backup')
    expect(farm.here('manager backup', file)).toMatchObject({ farm: 'figure-8', file, time: '2010-07-28T00:00:30Z', bytes: statSync(file).size })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    farm.ok('vm start vm2 -q --profile work')
    const env = { OVMCLI_PASSWORD: password }
    const refused = [farm.runWith({ env }, 'manager restore --yes -o json', file), farm.runWith({ env }, 'manager restore -o json', file)].map(({ exit, stdout }) => [exit, (JSON.parse(stdout) as { error: { code: string } }).error.code])
    expect(refused).toEqual([[5, 'manager.served'], [5, 'guard.confirm']])
    manager.signal('SIGTERM')
    await manager.ended
    expect(farm.here('manager restore --yes', file)).toMatchObject({ farm: 'figure-8', replaced: true })
    expect(farm.here<{ name: string }[]>('vm list --state running').map(vm => vm.name)).toEqual(['vm1'])
    farm.here('sim delete figure-8 --yes')
    expect(farm.here('manager restore --yes', file)).toMatchObject({ replaced: false })
    // The certificate is the same, the logins of then are not.
    await farm.serve()
    const old = farm.runWith({}, `profile test work -o json`)
    expect([old.exit, (JSON.parse(old.stdout) as { error: { code: string } }).error.code]).toEqual([8, 'manager.unreachable'])
    farm.ok(`profile add work -q --manager ${farm.url} --trust-on-first-use --password-file ${farm.passwordFile}`)
    const bytes = readFileSync(file)
    bytes[bytes.length - 9]! ^= 1
    writeFileSync(file, bytes)
    const damaged = farm.runWith({ env }, 'manager restore --yes -o json', file)
    expect([damaged.exit, (JSON.parse(damaged.stdout) as { error: { code: string } }).error.code]).toEqual([8, 'manager.backup'])
  })
})
