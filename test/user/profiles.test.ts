import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer as createPlain, type RequestListener, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { basic, password, ServedFarm } from '../served-manager.js'
import type { Ended, Running } from '../session.js'
import { tls } from '../wsapi/served.js'

const servers: Server[] = []
afterEach(() => { for (const server of servers.splice(0)) { server.closeAllConnections(); server.close() } })

/** Something else that listens, in this process. */
async function other(listener: RequestListener, secure = true, host = '127.0.0.1'): Promise<string> {
  const server = secure ? createServer(tls, listener) : createPlain(listener)
  servers.push(server)
  await new Promise<void>(resolve => { server.listen(0, host, resolve) })
  return `https://${host}:${(server.address() as AddressInfo).port}`
}

function codeOf({ stdout, exit }: Ended): [number | null, string] {
  return [exit, (JSON.parse(stdout) as { error: { code: string } }).error.code]
}

/** The same as a command of its own, that this process can go on serving meanwhile. */
async function codeOfRunning(running: Running): Promise<[number | null, string]> {
  return codeOf(await running.ended)
}

describe('profiles', () => {
  it('keep a login for their owner only, and commands go by them as on a farm of this machine', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    const unknown = farm.run(`profile add work --manager ${farm.url} --password-file ${farm.passwordFile} -o json`)
    expect(codeOf(unknown)).toEqual([8, 'manager.certificate'])
    farm.logIn()
    const file = join(farm.home, 'ovm', 'config', 'profiles', 'work.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { token } = JSON.parse(readFileSync(file, 'utf8')) as { token: string }
    const { fingerprint } = farm.json('manager status')
    const shown = farm.run('profile show work -o json')
    expect(JSON.parse(shown.stdout)).toMatchObject({ name: 'work', manager: farm.url, user: 'admin', farm: 'figure-8', current: false, trust: 'pinned', fingerprint, state: 'valid' })
    const here = farm.here('vm list')
    expect(farm.json('vm list --profile work')).toEqual(here)
    farm.ok('profile use work -q')
    expect(farm.json('vm start vm1 vm2')).toMatchObject({ total: 2, done: 2, user: 'admin', farm: 'figure-8' })
    expect(farm.here<{ name: string }[]>('vm list --farm figure-8 --state running').map(vm => vm.name)).toEqual(['vm1', 'vm2'])
    expect(farm.json('profile test')).toMatchObject({ user: 'admin', role: 'administrator', farm: 'figure-8' })
    expect(farm.json<{ check: string; result: string }[]>('doctor').filter(({ check }) => check.startsWith('manager')).map(({ check, result }) => [check, result])).toEqual([['manager', 'ok'], ['manager login', 'ok']])
    expect(codeOf(farm.run('sim status -o json'))).toEqual([2, 'usage.remote'])
    expect(farm.json('manager status')).toMatchObject({ state: 'served', url: farm.url })
    for (const flag of ['-u operator', `--password-file ${farm.passwordFile}`]) expect(codeOf(farm.run(`vm list ${flag} -o json`))).toEqual([2, 'usage.argument'])
    expect(codeOf(farm.run(`--password-file ${farm.passwordFile} user password operator --password-file ${farm.passwordFile} -o json`))).toEqual([2, 'usage.argument'])
    expect(farm.ok('profile remove work -o name')).toBe('work\n')
    expect(farm.here('manager status --farm figure-8')).toMatchObject({ logins: 0 })
    expect(codeOf(farm.run('profile show work -o json'))).toEqual([3, 'profile.not-found'])
    for (const { stdout, stderr } of [unknown, shown]) for (const secret of [password, token]) expect(stdout + stderr).not.toContain(secret)
    const events = farm.here<{ kind: string; user: string; message: string }[]>("event list --filter kind=auth.login")
    expect(events).toEqual([expect.objectContaining({ user: 'admin', message: 'admin logged in from 127.0.0.1' })])
  })

  it('are not needed: a manager may be named with user, password and CA', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    const cert = join(farm.home, 'ovm', 'farms', 'figure-8', 'service', 'cert.pem')
    const named = `--manager ${farm.url} --ca ${cert}`
    expect(farm.json(`whoami ${named} --password-file ${farm.passwordFile}`)).toMatchObject({ user: 'admin' })
    const env = { OVMCLI_MANAGER: farm.url, OVMCLI_CA: cert, OVMCLI_PASSWORD: password }
    expect(JSON.parse(farm.runWith({ env }, 'farm status -o json').stdout)).toMatchObject({ farm: 'figure-8' })
    expect(codeOf(farm.run(`whoami ${named} -o json`))).toEqual([4, 'auth.password'])
    // Who has no password never comes in over the wire, whatever he says.
    expect(codeOf(farm.runWith({ env }, 'whoami -u operator -o json'))).toEqual([4, 'auth.password'])
    expect(codeOf(farm.runWith({ env: { ...env, OVMCLI_PROFILE: 'work' } }, 'whoami -o json'))).toEqual([2, 'usage.config'])
    expect(farm.runWith({ env: { OVMCLI_MANAGER: 'http://manager:4443' } }, 'vm list').stderr).toContain('OVMCLI_MANAGER: "http://manager:4443" does not begin with https')
    for (const bad of ['http://127.0.0.1:1', 'https://admin:x@127.0.0.1', 'https://127.0.0.1/path', 'https://:']) expect(codeOf(farm.run(`whoami -o json --manager ${bad}`))).toEqual([2, 'usage.argument'])
  })

  it('hold no longer when they expired, were ended, or their user was locked or got another password', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    const other = join(farm.home, 'other')
    writeFileSync(other, 'another pass phrase\n', { mode: 0o600 })
    farm.logIn()
    const bob = () => farm.ok(`profile add bob -q --manager ${farm.url} --trust-on-first-use -u bob --password-file ${other}`)
    farm.ok(`user create bob --role user -q --profile work --password-file ${other}`)
    bob()
    expect(codeOf(farm.run('vm start vm1 --profile bob -o json'))).toEqual([3, 'not-found.vm'])
    expect(codeOf(farm.run('server stop ovs1 --yes --profile bob -o json'))).toEqual([4, 'auth.denied'])
    farm.ok('user lock bob --yes -q --profile work')
    expect(codeOf(farm.run('vm list --profile bob -o json'))).toEqual([4, 'auth.token'])
    expect(codeOf(farm.run(`profile add bob --password-file ${other} -o json`))).toEqual([4, 'auth.locked'])
    farm.ok('user unlock bob -q --profile work')
    bob()
    // Whoever changes his own password hears that it was done, and no more: he logs in anew.
    expect(farm.json(`user password bob --profile bob --password-file ${farm.passwordFile}`)).toMatchObject({ done: 1 })
    expect(codeOf(farm.run('vm list --profile bob -o json'))).toEqual([4, 'auth.token'])
    expect((await farm.door('GET', '/OVSWS/VirtualMachineServiceSoapHttpPort?WSDL', basic('bob', 'another pass phrase'))).status).toBe(401)
    writeFileSync(other, `${password}\n`)
    bob()
    const file = join(farm.home, 'ovm', 'config', 'profiles', 'bob.json')
    const profile = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
    writeFileSync(file, JSON.stringify({ ...profile, expiresAt: '2020-01-01T00:00:00Z' }))
    const expired = farm.run('vm list --profile bob -o json')
    expect(codeOf(expired)).toEqual([4, 'auth.token'])
    expect(farm.json('profile show bob')).toMatchObject({ state: 'expired' })
    writeFileSync(file, JSON.stringify({ ...profile, token: `${profile['token']!.slice(0, -1)}_` }))
    expect(codeOf(farm.run('vm list --profile bob -o json'))).toEqual([4, 'auth.token'])
  })

  it('say what is in the way, each with its own code', async () => {
    const farm = new ServedFarm('figure-8')
    const manager = await farm.serve()
    farm.logIn()
    const file = join(farm.home, 'ovm', 'config', 'profiles', 'work.json')
    const at = (url: string) => writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), manager: url }))
    let heard = ''
    const listen: RequestListener = (req, res) => { heard += req.headers.authorization ?? ''; res.end('<html>') }
    // Another certificate than the one that was trusted: nothing is sent to whoever shows it.
    at(await other(listen))
    expect(await codeOfRunning(farm.start('vm list --profile work -o json'))).toEqual([8, 'manager.certificate'])
    expect(await codeOfRunning(farm.start(`profile add work -o json --password-file ${farm.passwordFile}`))).toEqual([8, 'manager.certificate'])
    expect(heard).toBe('')
    at(await other(listen, false))
    expect(await codeOfRunning(farm.start('vm list --profile work -o json'))).toEqual([8, 'manager.plain'])
    const cert = join(farm.home, 'cert.pem')
    writeFileSync(cert, tls.cert)
    const add = (url: string) => codeOfRunning(farm.start(`profile add other -o json --ca ${cert} --password-file ${farm.passwordFile} --manager ${url}`))
    expect(await add(await other(listen, true, '127.0.0.2'))).toEqual([8, 'manager.host'])
    expect(await add(await other(listen))).toEqual([8, 'manager.answer'])
    expect(await add(await other((_, res) => { res.writeHead(200, { 'content-length': 1_000, 'ovmcli-contract': '1' }); res.write('{"service"'); setImmediate(() => res.destroy()) }))).toEqual([8, 'manager.answer'])
    expect(await add(await other((_, res) => { res.writeHead(200, { 'ovmcli-contract': '2' }); res.end('{"service":"ovmcli"}') }))).toEqual([8, 'manager.version'])
    expect(await add(await other((_, res) => { res.writeHead(502); res.end('Bad Gateway') }))).toEqual([8, 'manager.http'])
    at(farm.url)
    expect(farm.json('profile test work')).toMatchObject({ user: 'admin' })
    manager.signal('SIGKILL')
    await manager.ended
    expect(codeOf(farm.run('vm list --profile work -o json'))).toEqual([8, 'manager.unreachable'])
    expect(farm.json<{ check: string; result: string }[]>('doctor --profile work').find(({ check }) => check === 'manager')).toMatchObject({ result: 'error' })
  })

  it('are locked for a while after five wrong passwords, whoever then gives the right one; each is an event', async () => {
    const farm = new ServedFarm('figure-8')
    const manager = await farm.serve()
    const attempt = async (user: string, secret: string) => JSON.parse((await farm.door('POST', '/login', basic(user, secret))).text) as { error?: { code: string; message: string }; token?: string }
    const wrong = await Promise.all(Array.from({ length: 8 }, () => attempt('admin', 'not the password')))
    expect(wrong.map(({ error }) => error!.code).sort()).toEqual([...Array<string>(5).fill('auth.password'), ...Array<string>(3).fill('auth.throttled')])
    expect((await attempt('admin', password)).error!.code).toBe('auth.throttled')
    // Nobody learns who there is.
    const [unknown, passwordless] = [await attempt('nobody', 'some pass phrase'), await attempt('operator', 'some pass phrase')]
    expect(unknown.error).toEqual({ ...passwordless.error, details: expect.anything() as unknown })
    manager.signal('SIGTERM')
    const { stderr } = await manager.ended
    expect(stderr).toContain('"code":"auth.throttled"')
    expect(stderr).not.toContain(password)
    const events = farm.here<{ kind: string }[]>("event list --filter kind~^auth").map(({ kind }) => kind)
    expect(events.filter(kind => kind === 'auth.password')).toHaveLength(7)
    expect(events.filter(kind => kind === 'auth.throttled')).toHaveLength(1)
  })
})
