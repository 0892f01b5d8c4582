import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Bound, canBeBound } from '../bound.js'
import { password, ServedFarm } from '../served-manager.js'
import { Session, type Ended } from '../session.js'
import { hasSmallDisk, onSmallDisk } from '../small-disk.js'
import { hasTerminal, Terminal } from '../terminal.js'

const env = { OVMCLI_PASSWORD: password }

function codeOf({ stdout, exit }: Ended): [number | null, string] {
  return [exit, (JSON.parse(stdout) as { error: { code: string } }).error.code]
}

describe('manager init', () => {
  it.skipIf(!hasTerminal)('asks for the first password at a terminal, twice and unseen, and only where one is wanted', async () => {
    const farm = new Session('figure-6')
    const differing = new Terminal(farm, 'manager init')
    await differing.type('New password of admin:', `${password}\r`)
    await differing.type('Again:', 'another pass phrase\r')
    expect(await differing.ended).toBe(2)
    expect(farm.json('manager status')).toMatchObject({ state: 'not-initialised' })
    const init = new Terminal(farm, 'manager init')
    // The key by which such a prompt could show what is typed is one more letter that nobody wants, and shows nothing.
    await init.type('New password of admin:', 'correct ')
    await init.type('[input is masked]', '\u0014')
    await init.type('[input is masked]', 'horse battery\r')
    await init.type('Again:', `${password}\r`)
    expect(await init.ended).toBe(0)
    for (const part of ['correct', 'horse', 'ctrl+t']) expect(init.shown + differing.shown).not.toContain(part)
    expect(farm.runWith({ env }, 'manager backup -o json', join(farm.home, 'x.backup'))).toMatchObject({ exit: 0 })
    expect(codeOf(farm.runWith({ env: { OVMCLI_PASSWORD: 'another pass phrase' } }, 'manager backup -o json', join(farm.home, 'x.backup')))).toEqual([4, 'auth.password'])
    const renewed = new Terminal(farm, 'manager init --force', { env })
    expect(await renewed.ended).toBe(0)
    expect(renewed.shown).not.toContain('New password')
  })

  it('off a terminal wants the password of a file', () => {
    const farm = new Session('figure-6')
    const refused = farm.run('manager init -o json')
    expect([codeOf(refused), refused.stderr]).toEqual([[2, 'usage.argument'], expect.stringContaining('give --admin-password-file FILE')])
  })

  it.runIf(canBeBound)('in a home that cannot be written is exit 8, and leaves certificate and password as they were', () => {
    const farm = new ServedFarm('figure-8')
    farm.ok('sim create other --preset figure-6 -q')
    const service = join(farm.home, 'ovm/farms/figure-8/service')
    const bytes = () => readdirSync(service).map(name => [name, readFileSync(join(service, name), 'utf8')])
    const before = bytes()
    const bound = new Bound(farm)
    const renew = () => {
      const ended = bound.run('manager init --force --farm figure-8 -o json', env)
      expect([codeOf(ended), ended.stderr]).toEqual([[8, 'store.read-only'], expect.stringContaining(`the certificate cannot be written in ${service}: permission denied (EACCES)`)])
      expect(bytes()).toEqual(before)
    }
    bound.readOnly('ovm/farms/figure-8/service', renew)
    bound.readOnly('ovm', () => bound.readOnly('ovm/farms', () => bound.readOnly('ovm/farms/figure-8', () => bound.readOnly('ovm/farms/figure-8/service', renew))))
    mkdirSync(join(farm.home, 'ovm/farms/other/service'))
    const given = new Bound(farm)
    given.readOnly('ovm/farms/other/service', () => expect(codeOf(given.run('manager init --farm other --admin-password-file - -o json', {}, `${password}\n`))).toEqual([8, 'store.read-only']))
    expect(given.run('manager init --farm other --admin-password-file - -o name', {}, `${password}\n`)).toMatchObject({ exit: 0, stdout: 'other\n' })
  })
})

describe('manager backup and restore', () => {
  it('leave nothing behind where the backup cannot be written', () => {
    const farm = new ServedFarm('figure-8')
    const folder = join(farm.home, 'a-folder')
    mkdirSync(folder)
    for (const [file, why] of [[folder, 'it is a folder (EISDIR)'], [join(farm.home, 'nowhere', 'x.backup'), 'no such file or directory (ENOENT)'], [join(farm.passwordFile, 'x.backup'), 'a part of its path is no folder (ENOTDIR)']] as const) {
      const before = readdirSync(farm.home)
      const ended = farm.runWith({ env }, 'manager backup -o json', file)
      expect([codeOf(ended), ended.stderr]).toEqual([[8, 'manager.backup'], expect.stringContaining(`the backup ${file} cannot be written: ${why}`)])
      expect(readdirSync(farm.home)).toEqual(before)
    }
    const ended = farm.runWith({ env: { ...env, TMPDIR: join(farm.home, 'nowhere') } }, 'manager backup -o json', join(farm.home, 'x.backup'))
    expect([codeOf(ended), ended.stderr]).toEqual([[8, 'store.read-only'], expect.stringContaining('set TMPDIR')])
  })

  it.runIf(hasSmallDisk)('for which there is no room say so and leave nothing behind: no half backup, no half farm, and the older one as it was', () => {
    const farm = new ServedFarm('figure-8')
    const disk = join(farm.home, 'disk')
    mkdirSync(disk)
    const half = onSmallDisk(farm, disk, 8, `manager backup ${disk}/farm.backup -o json`, env)
    expect([codeOf(half), half.left, half.stderr]).toEqual([[8, 'manager.backup'], [], expect.stringContaining('no space left on device (ENOSPC)')])
    const file = join(farm.home, 'farm.backup')
    farm.here(`manager backup ${file}`)
    const bare = onSmallDisk(farm, disk, 128, `manager restore ${file} --yes -o json`, { OVMCLI_HOME: disk })
    expect([codeOf(bare), bare.left]).toEqual([[8, 'store.full'], [join(disk, 'farms')]])
    const whole = onSmallDisk(farm, disk, 4_096, `manager restore ${file} --yes -o json`, { OVMCLI_HOME: disk })
    expect([whole.exit, whole.left]).toEqual([0, expect.arrayContaining([join(disk, 'farms', 'figure-8', 'service', 'cert.pem')])])
  })

  it.runIf(canBeBound)('that cannot be put in the place of its farm leaves that as it was', () => {
    const farm = new ServedFarm('figure-8')
    const file = join(farm.home, 'farm.backup')
    farm.here(`manager backup ${file}`)
    farm.here('vm start vm1')
    const bound = new Bound(farm)
    const farms = join(farm.home, 'ovm', 'farms')
    bound.readOnly('ovm/farms', () => expect(codeOf(bound.run(`manager restore ${file} --yes -o json`, env))).toEqual([8, 'store.read-only']))
    expect(readdirSync(farms)).toEqual(['figure-8'])
    expect(bound.run('vm list --state running -o name', env)).toMatchObject({ exit: 0, stdout: 'vm1\n' })
    // What of the old one cannot be removed is in nobody's way.
    chmodSync(join(farms, 'figure-8', 'service'), 0o500)
    expect(bound.run(`manager restore ${file} --yes -o name`, env)).toMatchObject({ exit: 0, stdout: 'figure-8\n' })
    expect(bound.run('vm list --state running -o name', env)).toMatchObject({ exit: 0, stdout: '' })
    expect(bound.run('sim list -o name')).toMatchObject({ exit: 0, stdout: 'figure-8\n' })
    for (const left of readdirSync(farms).filter(name => name.startsWith('.'))) chmodSync(join(farms, left, 'service'), 0o700)
  })
})
