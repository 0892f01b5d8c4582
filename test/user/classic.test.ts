import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { password, ServedFarm } from '../served-manager.js'
import { Session, type Ended } from '../session.js'
import { hasTerminal, Terminal } from '../terminal.js'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const warning = /^Warning: -p shows the password/

/** The program under the name `ovm`. */
function linkIn(farm: Session): string {
  const folder = join(farm.home, 'called')
  const link = join(folder, 'ovm')
  mkdirSync(folder, { recursive: true })
  if (!statSync(link, { throwIfNoEntry: false })) symlinkSync(bin, link)
  return link
}

/** Runs the program under the name `ovm`. */
function ovm(farm: Session, argv: readonly string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}): Ended {
  const done = spawnSync(process.execPath, [linkIn(farm), ...argv], { env: farm.env(env), encoding: 'utf8', input })
  return { stdout: done.stdout, stderr: done.stderr, exit: done.status }
}

const secret = 'tiger-tiger'
const words = (line: string) => line.split(' ')

/** Columns of a line as scripts of 2.2 took them apart. */
const columns = (line: string) => line.split(/ {2,}/)

describe('the classic spelling', () => {
  const farm = new Session('figure-8', '--ha')
  const file = join(farm.home, 'password')
  writeFileSync(file, `${secret}\n`, { mode: 0o600 })
  farm.ok(`user password operator --password-file ${file}`)
  /** stdout of a line that must succeed, and say nothing on stderr but that -p is seen. */
  const says = (line: string) => {
    const { stdout, stderr, exit } = ovm(farm, ['-u', 'operator', '-p', secret, ...words(line)])
    expect({ line, exit, stderr: stderr.replace(warning, '').split('\n').slice(1).join('\n') }).toEqual({ line, exit: 0, stderr: '' })
    expect(stderr).toMatch(warning)
    return stdout
  }
  const guest = async (name: string) => (await farm.records('vm', `name=${name}`))[0]

  it('operates guests, with the lines of 2.2', async () => {
    expect(says('vm stat -n vm1 -s pool1')).toBe('Powered Off\n')
    expect(says('vm poweron -n vm1 -s pool1')).toBe('')
    expect(says('vm stat -s pool1 -n vm1')).toBe('Running\n')
    const [header, first, second, ...rest] = says('vm ls -l -s pool1').trimEnd().split('\n')
    expect([columns(header!).length, columns(first!), columns(second!), rest.length]).toEqual([6, ['vm1', '20480', '4096', '2', 'Running', 'ovs1'], ['vm2', '20480', '4096', '2', 'Powered Off'], 4])
    expect(says('vm ls -s pool1').split('\n').slice(1, 3).map(columns)).toEqual([['vm1', 'Running'], ['vm2', 'Powered Off']])
    expect(says('vm poweroff -n vm1 -s pool1')).toBe('')
    expect(says('vm conf -n vm1 -s pool1 -d')).toBe('High availability has been disabled.\n')
    expect(await guest('vm1')).toMatchObject({ state: 'powered-off', ha: false, vcpus: 2, memoryMiB: 4096 })
    expect(says('vm conf -n vm1 -s pool1 -e')).toBe('High availability has been enabled.\n')
    expect(says('vm conf -n vm1 -s pool1 -c 1')).toBe('Number of VCPUs changed to "1".\n')
    expect(says('vm conf -n vm1 -s pool1 -m 512')).toBe('Memory size changed to "512".\n')
    expect(await guest('vm1')).toMatchObject({ ha: true, vcpus: 1, memoryMiB: 512 })
    expect(says('vm conf -n vm1 -s pool1 -m 768 -c 2 -d')).toBe('Memory size changed to "768".\nNumber of VCPUs changed to "2".\nHigh availability has been disabled.\n')
    expect(await guest('vm1')).toMatchObject({ ha: false, vcpus: 2, memoryMiB: 768 })
    expect(says('vm del -n vm1 -s pool1')).toBe('Deleted virtual machine "vm1" and its image files.\n')
    expect(await guest('vm1')).toBeUndefined()
  })

  it('registers images, which wait for approval', async () => {
    const { stdout, stderr, exit } = ovm(farm, ['-u', 'operator', '-p', secret, 'img', 'reg', '-n', 'ol5u5-extra', '-c', 'scott', '-o', 'Oracle Enterprise Linux 5', '-s', 'pool1'])
    expect([exit, stdout]).toEqual([0, 'Registering virtual machine image. Please check the status.\n'])
    expect(stderr).toContain('Note: -o is not kept')
    expect(stderr).toContain('Note: -c is not kept')
    expect(stderr).not.toMatch(/scott|tiger/)
    expect(says('img stat -n ol5u5-extra -s pool1')).toBe('Pending\n')
    expect(says('img approve -n ol5u5-extra -s pool1')).toBe('Virtual machine image "ol5u5-extra" approved.\n')
    expect(await guest('ol5u5-extra')).toMatchObject({ pool: 'pool1', state: 'powered-off' })
  })

  it('shows servers', () => {
    const [header, ...servers] = says('svr ls -s pool1').trimEnd().split('\n')
    expect([header!.split(/\s+/)[1], servers.map(line => line.split(/\s+/)[1])]).toEqual(['Server_Name', ['ovs1', 'ovs2']])
    expect(says('svr info -n ovs1 -s pool1')).toMatch(/^Server Host\/IP: 10\.1\.0\.1\nStatus: Active\nNumber of CPUs: 8\nAllocated VCPUs: \d+\nTotal Memory\(MB\): 65536\nFree Memory\(MB\): \d+\n$/)
  })

  it('fails with an exit code other than 0, the reason and what to do, and never with a secret', () => {
    const failing: [string, number, RegExp][] = [
      ['-u operator -p tiger-tiger vm stat -n vm99 -s pool1', 3, /Code: not-found\.vm \(exit 3\)/],
      ['-u operator -p tiger-tiger vm ls -s pool9', 3, /Code: not-found\.pool \(exit 3\)/],
      ['-u alice img reg -n ol5u5-extra -s pool1', 4, /Code: auth\.denied \(exit 4\)/],
      ['-u nobody vm ls -s pool1', 4, /Code: auth\.unknown-user \(exit 4\)/],
      ['-u operator -p tiger-tiger vm conf -n vm2 -s pool1 -c many', 2, /-c "many" is no whole number/],
      ['-u operator -p tiger-tiger vm conf -n vm2 -s pool1', 2, /nothing is to be changed/],
      ['-u operator -p tiger-tiger vm conf -n vm2 -s pool1 -e -d', 2, /-e and -d exclude each other/],
      ['-u operator -p tiger-tiger vm stat -n vm2', 2, /vm stat wants -s\nHint: give -s POOL/],
      ['-u operator -p tiger-tiger img reg -c secret1 secret2 -n x -s pool1', 2, /word 3 of its options is none of them/],
      ['-u operator -p tiger-tiger vm clone -n vm2', 2, /has no "vm" "clone"\nHint: it has vm ls, .*, and ovm config; in today's: ovmcli -u USER vm clone\nCode: usage\.command/],
      ['-u operator -p tiger-tiger tmpl reboot', 2, /all else: ovmcli help\nCode: usage\.command/],
      ['-p tiger-tiger vm ls -s pool1', 2, /who acts was not said/],
      ['config now', 2, /config takes no words/],
      ['-u admin -p tiger config', 2, /config stands alone, with no -u and no -p before it\nHint: write ovm config/],
    ]
    for (const [line, exit, reason] of failing) {
      const ended = ovm(farm, words(line))
      expect({ line, exit: ended.exit, stdout: ended.stdout }).toEqual({ line, exit, stdout: '' })
      expect(ended.stderr).toMatch(reason)
      expect(ended.stderr).not.toMatch(/tiger|secret/)
    }
  })

  it("is spoken by the name ovm only, where another first word is today's", () => {
    expect(ovm(farm, words('vm show pool1/vm2 --columns state -o csv --no-header')).stdout).toBe('powered-off\n')
    const today = (...argv: string[]) => spawnSync(process.execPath, [bin, ...argv], { env: farm.env(), encoding: 'utf8' })
    const stat = words('vm stat -n vm2 -s pool1')
    expect(today('-p', 'tiger', ...stat)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Code: usage.argument') as string })
    expect(today('-u', 'admin', ...stat)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('vm has no verb "stat"') as string })
    expect(today('config')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('there is no command "config"') as string })
  })
})

describe('a signal to a classic line', () => {
  /** A farm whose clock runs slowly, so that a start takes its time. */
  const slow = () => {
    const farm = new ServedFarm('figure-8')
    farm.here('sim clock --rate 0.1')
    return farm
  }

  /** Gives `vm poweron` of vm1, and a signal once it follows its run; how it ended, and the run then. */
  async function cut(farm: ServedFarm, signal: NodeJS.Signals, follows: () => Promise<boolean>) {
    const child = spawn(process.execPath, [linkIn(farm), '-u', 'admin', ...words('vm poweron -n vm1 -s pool1')], { env: farm.env({ OVMCLI_PASSWORD: password }), stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (data: Buffer) => { said[stream] += data.toString() })
    const ended = new Promise<number | null>(resolve => { child.once('close', resolve) })
    while (!(await follows()));
    child.kill(signal)
    return { exit: await ended, ...said }
  }

  const finished = (farm: ServedFarm) => {
    const [run] = farm.here<{ id: string; state: string }[]>('run list --filter operation=vm.start')
    expect(run).toMatchObject({ state: 'interrupted' })
    farm.here('sim clock --pause')
    expect(farm.here(`run resume ${run!.id}`)).toMatchObject({ total: 1, done: 1 })
  }

  it.each([['SIGINT', 130], ['SIGTERM', 143]] as const)('%s ends it in order with %i, on a farm of this machine', async (signal, exit) => {
    const farm = slow()
    const ended = await cut(farm, signal, async () => farm.here<{ state: string }>('vm show vm1').state === 'initializing')
    expect(ended).toEqual({ exit, stdout: '', stderr: expect.stringMatching(/vm1: the command was interrupted before the outcome was seen \(run\.interrupted\)\nHint: .*run show/) as string })
    finished(farm)
  })

  it('and so with a manager elsewhere', async () => {
    const farm = slow()
    const manager = await farm.serve()
    expect(ovm(farm, ['config'], { input: `127.0.0.1\n${new URL(farm.url).port}\n\n\n\n` }).exit).toBe(0)
    const ended = await cut(farm, 'SIGINT', async () => /method="followRun"/.test((await farm.door('GET', '/metrics')).text))
    expect(ended).toEqual({ exit: 130, stdout: '', stderr: expect.stringMatching(/\(run\.interrupted\)\nHint: .*run show/) as string })
    farm.ok('profile remove classic')
    manager.signal('SIGTERM')
    await manager.ended
    finished(farm)
  })
})

describe('ovm config', () => {
  it('keeps where the manager is, and the classic lines go there with their own login', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    const { port } = new URL(farm.url)
    const answers = (...lines: string[]) => ({ input: `${lines.join('\n')}\n` })
    const cut = ovm(farm, ['config'], answers('127.0.0.1', port))
    expect([cut.exit, cut.stderr]).toEqual([2, expect.stringContaining('nothing was changed')])
    const plain = ovm(farm, ['config'], answers('127.0.0.1', port, '', '', 'n'))
    expect([plain.exit, plain.stderr]).toEqual([2, expect.stringContaining('logins go over HTTPS only')])
    expect(farm.json('profile list')).toEqual([])

    const { stdout, stderr, exit } = ovm(farm, ['config'], answers('', '127.0.0.1', port, '/OVS', '/usr/bin/vncviewer', 'Y'))
    expect(exit, stderr).toBe(0)
    const prompts = ['CTRL-C to exit.', 'Oracle VM Manager hostname:', 'Oracle VM Manager port number:', 'Deploy path (leave blank for default):', 'Location of vncviewer (leave blank to skip):', 'Enable HTTPS support? (Y/n):', 'Configuration complete.']
    const places = prompts.map(prompt => stdout.indexOf(prompt))
    expect(places.every((place, at) => place > (places[at - 1] ?? -1)), stdout).toBe(true)
    expect(stderr).toContain('export OVMCLI_VNCVIEWER=/usr/bin/vncviewer')
    expect(stderr).toContain('deploy path is not kept')
    const [profile] = farm.json<Record<string, unknown>[]>('profile list')
    expect(profile).toMatchObject({ name: 'classic', manager: farm.url, current: true, state: 'no-login', farm: null, expiresAt: null, trust: 'pinned' })
    expect(readFileSync(join(farm.home, 'ovm', 'config', 'profiles', 'classic.json'), 'utf8')).not.toContain('vncviewer')

    const stat = ['vm', 'stat', '-n', 'vm1', '-s', 'pool1']
    expect(ovm(farm, ['-u', 'admin', '-p', password, 'vm', 'poweron', '-n', 'vm1', '-s', 'pool1'])).toMatchObject({ exit: 0, stdout: '' })
    expect(ovm(farm, ['-u', 'admin', ...stat], { env: { OVMCLI_PASSWORD: password } })).toMatchObject({ exit: 0, stdout: 'Running\n', stderr: '' })
    const wrong = ovm(farm, ['-u', 'admin', '-p', 'not the password', ...stat])
    expect([wrong.exit, wrong.stdout, wrong.stderr]).toEqual([4, '', expect.stringContaining('Code: auth.password (exit 4)')])
    expect(wrong.stderr).not.toContain('not the password')
    expect(ovm(farm, ['-u', 'admin', ...stat])).toMatchObject({ exit: 4, stderr: expect.stringContaining('auth.password') as string })
    // The login that the profile gets by today's spelling does for its user, and asking for the same manager again leaves it.
    farm.ok('profile add classic -q --password-file', farm.passwordFile)
    expect(ovm(farm, ['config'], answers('127.0.0.1', port, '', '', '')).exit).toBe(0)
    expect(ovm(farm, ['-u', 'admin', ...stat])).toMatchObject({ exit: 0, stdout: 'Running\n', stderr: '' })
    expect(ovm(farm, ['-u', 'operator', ...stat])).toMatchObject({ exit: 4, stderr: expect.stringContaining('auth.password') as string })
    // A certificate that is not the one known is not trusted by asking again.
    const file = join(farm.home, 'ovm', 'config', 'profiles', 'classic.json')
    const changed = readFileSync(file, 'utf8').replace(/"fingerprint": "../, '"fingerprint": "ZZ')
    writeFileSync(file, changed)
    expect(ovm(farm, ['config'], answers('127.0.0.1', port, '', '', ''))).toMatchObject({ exit: 8, stderr: expect.stringContaining('Code: manager.certificate (exit 8)') as string })
    expect(readFileSync(file, 'utf8')).toBe(changed)
    // The login that another place takes the place of is ended.
    const logins = () => farm.json<{ logins: number }>('manager status').logins
    expect(logins()).toBe(1)
    writeFileSync(file, changed.replace('ZZ', (profile!['fingerprint'] as string).slice(0, 2)))
    expect(ovm(farm, ['config'], answers('localhost', port, '', '', ''))).toMatchObject({ exit: 0, stderr: expect.stringMatching(/^trusting the certificate/) as unknown })
    expect(logins()).toBe(0)
  })

  it('judges each answer when it is given, and keeps nothing of a line that is wrong', () => {
    const farm = new Session('figure-6')
    const failing: [string[], string, RegExp][] = [
      [['https://manager'], 'hostname:', /"https:\/\/manager" is no name or address of a host/],
      [['a host'], 'hostname:', /"a host" is no name/],
      [['manager:4443'], 'hostname:', /"manager:4443" is no name/],
      [['manager', 'many'], 'port number:', /"many" is no port number/],
      [['manager', '0'], 'port number:', /"0" is no port number/],
      [['manager', '65536'], 'port number:', /"65536" is no port number/],
      [['manager', '1', '', '', 'perhaps'], '(Y/n):', /logins go over HTTPS only/],
    ]
    for (const [lines, last, reason] of failing) {
      // What comes after the answer is not read any more.
      const { exit, stdout, stderr } = ovm(farm, ['config'], { input: `${lines.join('\n')}\n\n\n\n\n\n` })
      expect({ lines, exit, stdout }).toEqual({ lines, exit: 2, stdout: expect.stringMatching(`${last.replace(/[()]/g, '\\$&')} $`) as unknown })
      expect(stderr).toMatch(reason)
      expect(stderr).toContain('nothing was changed')
    }
    // An address of IPv6 is one as it is.
    expect(ovm(farm, ['config'], { input: '::1\n1\n\n\n\n' })).toMatchObject({ exit: 8, stderr: expect.stringContaining('[::1]:1') as unknown })
    expect(farm.json('profile list')).toEqual([])
  })

  it.skipIf(!hasTerminal)('asks again at a terminal', async () => {
    const farm = new Session('figure-6')
    const config = new Terminal(farm, 'config', { program: linkIn(farm) })
    await config.type('hostname:', 'https://127.0.0.1\r')
    await config.sees('is no name or address of a host')
    await config.type('hostname:', '127.0.0.1\r')
    await config.type('port number:', 'many\r')
    await config.sees('is no port number')
    await config.type('port number:', '1\r')
    await config.type('Deploy path', '\r')
    await config.type('vncviewer', '\r')
    await config.type('HTTPS', '\r')
    await config.sees('manager.unreachable')
    expect(await config.ended).toBe(8)
  })
})
