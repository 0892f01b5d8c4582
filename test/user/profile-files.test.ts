import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Bound, canBeBound } from '../bound.js'
import { ServedFarm } from '../served-manager.js'
import type { Ended, Session } from '../session.js'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

interface Row { name: string; manager: string | null; state: string }

function codeOf({ stdout, exit }: Ended): [number | null, string] {
  return [exit, (JSON.parse(stdout) as { error: { code: string } }).error.code]
}

const folderOf = (farm: Session) => join(farm.home, 'ovm', 'config', 'profiles')
const fileOf = (farm: Session, name: string) => join(folderOf(farm), `${name}.json`)
const kept = (farm: Session, name: string) => JSON.parse(readFileSync(fileOf(farm, name), 'utf8')) as Record<string, string>
const logins = (farm: ServedFarm) => farm.json<{ logins: number }>('manager status --farm figure-8').logins

describe('a profile that is damaged', () => {
  it('is listed with the others, and can be removed and added anew', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    farm.logIn()
    const place = { manager: 'https://127.0.0.1:1', user: 'admin', farm: 'f', trust: { kind: 'system' }, token: 't', expiresAt: '2030-01-01T00:00:00Z' }
    const damages: Record<string, string> = { garbage: '{"garbage":', empty: '', list: '[1]', null: 'null', address: JSON.stringify({ ...place, manager: 'nowhere' }), plain: JSON.stringify({ ...place, manager: 'http://127.0.0.1:1' }), trust: JSON.stringify({ ...place, trust: { kind: 'toString' } }), time: JSON.stringify({ ...place, expiresAt: 'soon' }) }
    for (const [name, text] of Object.entries(damages)) writeFileSync(fileOf(farm, name), text)
    mkdirSync(fileOf(farm, 'folder'))
    // No profile can be called so: it is somebody else's file.
    writeFileSync(join(folderOf(farm), 'not a name.json'), '{}')
    const names = [...Object.keys(damages), 'folder'].sort()
    const list = farm.run('profile list -o json')
    expect(list.exit, list.stderr).toBe(0)
    const rows = JSON.parse(list.stdout) as Row[]
    expect(rows.filter(({ state }) => state === 'damaged')).toEqual(names.map(name => ({ name, manager: null, user: null, farm: null, current: false, trust: null, fingerprint: null, ca: null, expiresAt: null, state: 'damaged' })))
    expect(rows.filter(({ state }) => state !== 'damaged')).toEqual([expect.objectContaining({ name: 'work', manager: farm.url, state: 'valid' })])
    expect(list.stderr).toContain(`the profile ${fileOf(farm, 'garbage')} is damaged; remove it, and add it anew: ovmcli profile remove garbage\n`)
    expect(farm.run('profile list -q').stderr).toBe('')
    expect(farm.ok('profile list --filter state=damaged --sort name:desc --limit 1 -o name')).toBe('trust\n')
    expect(farm.json<{ check: string; result: string; hint: string }[]>('doctor').filter(({ check }) => check === 'profiles')).toContainEqual(expect.objectContaining({ result: 'warning', hint: 'remove it, and add it anew: ovmcli profile remove garbage' }))
    for (const words of ['profile show garbage', 'profile use garbage', 'vm list --profile garbage', 'profile test address']) expect([words, ...codeOf(farm.run(`${words} -o json`))]).toEqual([words, 2, 'usage.config'])

    const removed = farm.run(`profile remove ${Object.keys(damages).filter(name => name !== 'empty').join(' ')} -o name`)
    expect([removed.exit, removed.stdout.split('\n').length]).toEqual([0, 8])
    expect(removed.stderr).toContain('garbage: the login was not ended there: the profile is damaged')
    const stuck = farm.run('profile remove folder -o json')
    expect([codeOf(stuck), stuck.stderr]).toEqual([[8, 'store.read-only'], expect.stringContaining(`${fileOf(farm, 'folder')} cannot be removed: it is a folder`)])
    expect(codeOf(farm.run(`profile add empty --password-file ${farm.passwordFile} -o json`))).toEqual([2, 'usage.argument'])
    farm.ok(`profile add empty -q --manager ${farm.url} --trust-on-first-use --password-file ${farm.passwordFile}`)
    expect(farm.json('profile test empty')).toMatchObject({ user: 'admin' })
    expect(logins(farm)).toBe(2)
  })
})

describe('a login that a profile holds', () => {
  it('is ended when another takes its place, and a failure of that is told only', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    farm.logIn()
    const first = kept(farm, 'work')
    const again = farm.run(`profile add work --password-file ${farm.passwordFile} -o json`)
    expect([again.exit, again.stderr]).toEqual([0, ''])
    expect([logins(farm), kept(farm, 'work')['token'] === first['token']]).toEqual([1, false])
    writeFileSync(fileOf(farm, 'old'), JSON.stringify(first))
    const old = farm.run('profile test old -o json')
    expect([codeOf(old), old.stderr]).toEqual([[4, 'auth.token'], expect.stringContaining('Hint: log in again: ovmcli profile add old\n')])
    // One that has ended already, and one with a manager that is gone.
    expect(farm.run(`profile add old --password-file ${farm.passwordFile} -q`)).toMatchObject({ exit: 0, stderr: '' })
    writeFileSync(fileOf(farm, 'old'), JSON.stringify({ ...kept(farm, 'old'), manager: 'https://127.0.0.1:1' }))
    const moved = farm.run(`profile add old -q --manager ${farm.url} --trust-on-first-use --password-file ${farm.passwordFile}`)
    expect([moved.exit, moved.stderr]).toEqual([0, expect.stringMatching(/^the login that profile old held with https:\/\/127\.0\.0\.1:1 was not ended, and holds until [^ ]+: .*nobody listens/)])
    // The certificate was renewed meanwhile: the login is ended by the one that is trusted now.
    writeFileSync(fileOf(farm, 'work'), JSON.stringify({ ...kept(farm, 'work'), trust: { kind: 'pinned', fingerprint: 'AA:BB' } }))
    const before = logins(farm)
    const pinned = farm.run('vm list --profile work -o json')
    expect([codeOf(pinned), pinned.stderr]).toEqual([[8, 'manager.certificate'], expect.stringContaining('ovmcli profile add work --trust-on-first-use;')])
    expect(farm.run(`profile add work -q --trust-on-first-use --password-file ${farm.passwordFile}`)).toMatchObject({ exit: 0, stderr: '' })
    expect(logins(farm)).toBe(before)
    // One that has expired has ended by itself: nobody is asked, and nothing is left in the events.
    writeFileSync(fileOf(farm, 'work'), JSON.stringify({ ...kept(farm, 'work'), expiresAt: '2020-01-01T00:00:00Z' }))
    const refusals = () => farm.here<unknown[]>('event list --farm figure-8 --filter kind=auth.token').length
    const count = refusals()
    expect(farm.run(`profile add work -q --password-file ${farm.passwordFile}`)).toMatchObject({ exit: 0, stderr: '' })
    expect(refusals()).toBe(count)
    // Where nothing was kept, nothing was ended.
    const wrong = farm.run('profile add work --password-file - -o json')
    expect(wrong.exit).toBe(2)
    expect(farm.json('profile test work')).toMatchObject({ user: 'admin' })
  })

  it('is not there yet after ovm config, which is said in such words', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    const profile = { manager: farm.url, user: 'admin', farm: '', trust: { kind: 'pinned', fingerprint: farm.json('manager status')['fingerprint'] }, token: '', expiresAt: '1970-01-01T00:00:00.000Z' }
    mkdirSync(folderOf(farm), { recursive: true })
    writeFileSync(fileOf(farm, 'classic'), JSON.stringify(profile), { mode: 0o600 })
    farm.ok('profile use classic -q')
    const bare = farm.run('vm list -o json')
    expect([codeOf(bare), bare.stderr]).toEqual([[4, 'auth.token'], expect.stringContaining('nobody has logged in by profile classic yet\nHint: log in: ovmcli profile add classic\n')])
    const shown = farm.run('profile show')
    expect(shown.stdout).toMatch(/STATE +No Login/)
    expect(shown.stdout).not.toContain('1970')
    // The classic spelling brings its own login: nothing is wrong with that.
    const [login] = farm.json<{ check: string; result: string; message: string }[]>('doctor').filter(({ check }) => check.startsWith('manager'))
    expect(login).toMatchObject({ check: 'manager login', result: 'warning', message: expect.stringContaining('nobody has logged in by profile classic yet') as unknown })
    farm.ok(`profile add classic -q --password-file ${farm.passwordFile}`)
    expect(farm.json('profile show')).toMatchObject({ state: 'valid', farm: 'figure-8' })
  })

  it('is for the eyes of its owner: where others may read it that is said, by commands and by the doctor', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    farm.logIn()
    const file = fileOf(farm, 'work')
    const said = `${file} holds a login, and others than you may read it: chmod 600 ${file}\n`
    const profiles = () => farm.json<{ check: string }[]>('doctor').filter(({ check }) => check === 'profiles')
    expect(profiles()).toEqual([{ check: 'profiles', result: 'ok', message: '1, for your eyes only: work', hint: null }])
    for (const mode of [0o640, 0o604]) {
      chmodSync(file, mode)
      expect(farm.run('vm list --profile work')).toMatchObject({ exit: 0, stderr: said })
      expect(farm.run('profile test work')).toMatchObject({ exit: 0, stderr: said })
      expect(farm.run('vm list --profile work -q')).toMatchObject({ exit: 0, stderr: '' })
      expect(profiles()).toEqual([{ check: 'profiles', result: 'warning', message: `${file} holds a login, and others than you may read it`, hint: `chmod 600 ${file}` }])
    }
    farm.ok(`profile add work -q --password-file ${farm.passwordFile}`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('takes no other password, and its manager is known by no other CA', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    farm.logIn()
    for (const words of [`vm list --profile work --password-file ${farm.passwordFile}`, `profile test work --password-file ${farm.passwordFile}`, `vm list --profile work --ca ${farm.passwordFile}`, `vm list --ca ${farm.passwordFile}`]) {
      expect([words, ...codeOf(farm.run(`${words} -o json`))]).toEqual([words, 2, 'usage.argument'])
    }
    // What is only a default is for whoever wants it, and so is a name that is right.
    expect(farm.runWith({ env: { OVMCLI_CA: '/nowhere', OVMCLI_PASSWORD_FILE: farm.passwordFile, OVMCLI_USER: 'operator' } }, 'whoami --profile work -o name')).toMatchObject({ exit: 0, stdout: 'admin\n' })
    expect(farm.ok('whoami --profile work -u admin -o name')).toBe('admin\n')
  })
})

describe.runIf(canBeBound)('a configuration that cannot be written', () => {
  it('is exit 8, and nothing is ended or begun that could not be kept', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    farm.logIn()
    farm.ok('profile use work -q')
    const called = join(farm.home, 'ovm-called')
    mkdirSync(called)
    symlinkSync(bin, join(called, 'ovm'))
    const bound = new Bound(farm)
    const add = `--manager ${farm.url} --trust-on-first-use --password-file ${farm.passwordFile} -o json`
    bound.readOnly('ovm/config/profiles', () => {
      for (const words of ['profile remove work -o json', `profile add work ${add}`, `profile add other ${add}`]) {
        const ended = bound.run(words)
        expect([words, codeOf(ended), ended.stderr]).toEqual([words, [8, 'store.read-only'], expect.stringContaining('permission denied (EACCES)')])
      }
      const config = bound.runAs(join(called, 'ovm'), 'config', {}, `127.0.0.1\n${new URL(farm.url).port}\n\n\n\n`)
      expect([config.exit, config.stderr]).toEqual([8, expect.stringContaining('Code: store.read-only (exit 8)')])
    })
    bound.readOnly('ovm/config', () => {
      for (const words of ['profile use work -o json', 'profile use --none -o json']) expect([words, ...codeOf(bound.run(words))]).toEqual([words, 8, 'store.read-only'])
    })
    expect(readdirSync(folderOf(farm))).toEqual(['work.json'])
    expect(logins(farm)).toBe(1)
    expect(farm.json('profile test')).toMatchObject({ user: 'admin' })
    // A folder that can be written, and a file in it that is then in the way: what was done is said.
    renameSync(folderOf(farm), `${folderOf(farm)}-real`)
    writeFileSync(folderOf(farm), '')
    expect(codeOf(bound.run(`profile add other ${add}`))).toEqual([8, 'store.read-only'])
    rmSync(folderOf(farm))
    renameSync(`${folderOf(farm)}-real`, folderOf(farm))
    bound.readOnly('ovm/config', () => {
      const half = bound.run('profile remove work -o json')
      expect([codeOf(half), half.stderr]).toEqual([[8, 'store.read-only'], expect.stringMatching(/config\/profile cannot be removed: .*; the login of work is ended all the same\n/)])
    })
    expect(logins(farm)).toBe(0)
  })

  it.runIf(existsSync('/proc/self'))('or made is exit 8 as well, and the login that was to be kept there is ended', async () => {
    const farm = new ServedFarm('figure-8')
    await farm.serve()
    for (const place of ['/proc/nowhere/config', join(farm.home, 'ovm', 'current', 'config')]) {
      const ended = farm.runWith({ env: { OVMCLI_CONFIG_HOME: place } }, `profile add work --manager ${farm.url} --trust-on-first-use --password-file ${farm.passwordFile} -o json`)
      expect([place, ...codeOf(ended)]).toEqual([place, 8, 'store.read-only'])
    }
    expect(logins(farm)).toBe(0)
  })
})
