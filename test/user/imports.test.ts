import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import { Session } from '../session.js'
import { SlowServer } from '../slow-server.js'

type Data = Record<string, unknown>
const servers: SlowServer[] = []
afterEach(async () => { for (const server of servers.splice(0)) await server.close() })

/** A folder with a guest in it, to be imported. */
function guestIn(farm: Session, name: string, cfg = 'memory = 512\ndisk = [\'file:/x/System.img,xvda,w\']\n'): string {
  const folder = join(farm.home, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'vm.cfg'), cfg)
  writeFileSync(join(folder, 'System.img'), Buffer.alloc(1_048_577))
  return folder
}

/** How a command was refused: before anything was done, or its only target. */
function refused(farm: Session, words: string, ...more: string[]): Data {
  const { stdout, stderr, exit } = farm.run(`${words} -o json`, ...more)
  const document = JSON.parse(stdout) as { error?: Data } & Partial<Report>
  const { code, hint } = (document.error ?? document.items![0]!.error!) as { code: string; hint: string | null }
  expect(stderr, words).toContain(code)
  return { exit, code, hint }
}

describe('templates, images and ISOs', () => {
  it('arrive by import, wait, are approved and used, and go', () => {
    const farm = new Session('figure-8')
    const folder = guestIn(farm, 'web')
    expect(farm.json<Report>(`template import gold --pool pool1 --path ${folder} --os el5`)).toMatchObject({ done: 1, items: [{ kind: 'template', state: 'pending' }] })
    expect(refused(farm, 'vm create new1 --pool pool1 --template gold')).toEqual({ exit: 5, code: 'template.state', hint: 'template approve gold makes one that is pending active' })
    expect(farm.ok('template list --state pending -o name')).toBe('gold\n')
    farm.ok('template approve gold')
    farm.ok('vm create new1 --pool pool1 --template gold --start')
    expect(farm.json('vm show new1')).toMatchObject({ memoryMiB: 512, template: 'gold', os: 'el5', diskMiB: 2 })
    farm.ok(`vm import web --pool pool1 --path ${folder}`)
    farm.ok('vm start web')
    expect(farm.json('template show gold')).toMatchObject({ source: folder, reason: null, vcpus: 1, memoryMiB: 512 })
    expect(farm.run('template delete gold').exit).toBe(5)
    farm.ok('template delete gold --yes')
    expect(farm.run('template show gold').exit).toBe(3)
  })

  it('are registered where they lie; without a name what could be is listed', () => {
    const farm = new Session('figure-8')
    expect(farm.ok('image register --pool pool1')).toBe('NAME         POOL   TYPE  OS   SIZE\nol5u5-extra  pool1  pv    el5  4 GiB\n')
    expect(farm.json<Data[]>('iso register')).toHaveLength(2)
    expect(farm.json<Report>('image register ol5u5-extra --pool pool1')).toMatchObject({ done: 1, items: [{ state: 'pending' }] })
    expect(farm.ok('image register --pool pool1 -o name')).toBe('')
    expect(farm.json('image show ol5u5-extra')).toMatchObject({ state: 'pending', sizeMiB: 4_096, vcpus: 1 })
    farm.ok('image approve ol5u5-extra')
    expect(farm.ok('vm start ol5u5-extra -o name')).toBe('ol5u5-extra\n')
    expect(refused(farm, 'image register nothing --pool pool1')).toEqual({ exit: 5, code: 'import.not-found', hint: 'image register --pool pool1 lists what could be registered' })
    expect(refused(farm, 'image register nothing')).toEqual({ exit: 2, code: 'usage.argument', hint: 'write image register NAME --pool POOL' })
  })

  it('say why not, and what to do', () => {
    const farm = new Session('figure-8')
    const folder = guestIn(farm, 'web')
    expect(refused(farm, `image import vm1 --pool pool1 --path ${folder}`)).toEqual({ exit: 5, code: 'image.exists', hint: 'choose other names: vm list shows what there is' })
    expect(refused(farm, 'image import web --pool pool1')).toEqual({ exit: 2, code: 'usage.argument', hint: 'write image import NAME --pool POOL --url URL, or --path PATH' })
    expect(refused(farm, `vm import web --pool pool1 --path ${folder} --url http://a/b`)).toMatchObject({ exit: 2, code: 'usage.argument' })
    expect(refused(farm, `iso import web --pool pool1 --path ${folder}`)).toEqual({ exit: 5, code: 'import.archive', hint: 'an ISO is one file' })
    expect(refused(farm, `vm import web --pool pool1 --path ${folder} --user alice`)).toEqual({ exit: 4, code: 'auth.denied', hint: 'ask a manager or an administrator' })
    expect(refused(farm, `image import bad --pool pool1 --path ${guestIn(farm, 'bad', 'memory = none\n')}`)).toEqual({ exit: 5, code: 'import.vm-cfg', hint: 'correct the vm.cfg where it comes from, and import again' })
    expect(farm.json('image show bad')['reason']).toMatch(/^the vm.cfg has a fault: line 1: /)
    expect(refused(farm, 'image approve bad')).toEqual({ exit: 5, code: 'image.state', hint: 'image show bad tells why; image delete bad removes it' })
    expect(refused(farm, 'template cancel pool1/ol5u5-pv')).toEqual({ exit: 5, code: 'template.state', hint: 'template delete ol5u5-pv removes it, and its files' })
    farm.ok('vm create cd1 --pool pool1 --iso ol5u5.iso')
    expect(refused(farm, 'iso delete pool1/ol5u5.iso --yes')).toEqual({ exit: 5, code: 'iso.in-use', hint: 'vm cdrom eject cd1' })
    expect(refused(farm, 'vm import lost --pool pool1 --url http://127.0.0.1:9/x')).toEqual({ exit: 8, code: 'import.unreachable', hint: 'look whether the address is right, and whether a proxy is needed' })
  })
})

describe('an import whose command is killed', () => {
  it('is gone on with by the next one that waits, from where it was, and done once', async () => {
    const farm = new Session('figure-8')
    const server = await SlowServer.of(8 * 1_048_576)
    servers.push(server)
    const killed = farm.start(`iso import big.iso --pool pool1 --url ${server.url}`)
    const fetched = join(farm.home, 'ovm', 'farms', 'figure-8', 'fetched')
    // Half of it is there when the folder says so: then it is killed.
    while (!(existsSync(fetched) && readdirSync(fetched, { recursive: true, encoding: 'utf8' }).some(name => name.endsWith('bytes'))) || farm.json<Data[]>('job list')[0]!['progress'] as number < 45) await new Promise(resolve => setImmediate(resolve))
    killed.killWorker()
    await killed.ended
    expect(farm.json('iso show big.iso')).toMatchObject({ state: 'importing', sizeMiB: 8 })
    const [run] = farm.json<Data[]>('run list')
    expect(run).toMatchObject({ state: 'interrupted' })
    expect(farm.json<Report>(`run resume ${run!['id'] as string}`)).toMatchObject({ done: 1, items: [{ name: 'big.iso', state: 'pending' }] })
    await server.asked(2)
    expect(server.starts).toEqual([0, expect.any(Number)])
    expect(server.starts[1]).toBeGreaterThan(0)
    expect(readdirSync(fetched)).toEqual([])
    expect(farm.json('iso show big.iso')).toMatchObject({ state: 'pending', sizeMiB: 8 })
  })
})
