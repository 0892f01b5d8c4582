import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Session, type Ended } from '../session.js'

function codeOf({ stdout, exit }: Ended): [number | null, string] {
  return [exit, (JSON.parse(stdout) as { error: { code: string } }).error.code]
}

/** A farm on a machine whose commands go to a manager elsewhere, where nobody is. */
function farmAway(preset?: string): Session {
  const farm = new Session(preset)
  const profiles = join(farm.home, 'ovm', 'config', 'profiles')
  mkdirSync(profiles, { recursive: true })
  writeFileSync(join(profiles, 'work.json'), JSON.stringify({ manager: 'https://127.0.0.1:1', user: 'somebody', farm: 'away', trust: { kind: 'system' }, token: 'ovm_x', expiresAt: '2999-01-01T00:00:00Z' }), { mode: 0o600 })
  farm.ok('profile use work -q')
  return farm
}

describe('while a profile is in use, commands about this machine', () => {
  it('work here, as the user of this machine, and say where all others go', () => {
    const farm = farmAway('figure-8')
    expect(codeOf(farm.run('profile test -o json'))).toEqual([8, 'manager.unreachable'])
    expect(farm.ok('sim list -o name')).toBe('figure-8\n')
    expect(farm.ok('sim presets -o name')).toContain('figure-6\n')
    expect(farm.json('manager status')).toMatchObject({ farm: 'figure-8', state: 'not-initialised' })
    expect(farm.run('sim create other --preset figure-6 -o name')).toMatchObject({ exit: 0, stdout: 'other\n', stderr: 'commands that name no farm work on profile work; on this one with --farm other\n' })
    expect(farm.run('sim use figure-8 -o name')).toMatchObject({ exit: 0, stderr: 'commands that name no farm work on profile work; on this one with --farm figure-8\n' })
    expect(farm.run('can-i delete sim other')).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^yes/) as unknown })
    expect(farm.ok('sim delete other --yes -o name')).toBe('other\n')
    expect(farm.runWith({ input: 'a long pass phrase\n' }, 'manager init --admin-password-file - -o json')).toMatchObject({ exit: 0 })
    const env = { OVMCLI_PASSWORD: 'a long pass phrase' }
    const file = join(farm.home, 'farm.backup')
    expect(farm.runWith({ env }, 'manager backup', file).exit).toBe(0)
    expect(farm.runWith({ env }, 'manager restore --yes -o name', file)).toMatchObject({ exit: 0, stdout: 'figure-8\n' })
    // Whoever names a manager elsewhere on the line contradicts himself.
    for (const words of ['sim list --profile work', 'sim presets --manager https://127.0.0.1:1', 'manager status --profile work', 'can-i delete sim figure-8 --profile work']) expect([words, ...codeOf(farm.run(`${words} -o json`))]).toEqual([words, 2, 'usage.remote'])
    const lines = farm.runWith({ input: 'sim list\nsim list --farm figure-8\n' }, 'batch --profile work').stdout.trimEnd().split('\n').map(line => (JSON.parse(line) as { exit: number }).exit)
    expect(lines).toEqual([2, 0])
  })

  it('that look into a farm, or change its world, want to be told which', () => {
    const farm = farmAway('figure-8')
    for (const words of ['sim status', 'sim fault list', 'sim fault server-crash ovs1', 'sim fault clear']) expect([words, ...codeOf(farm.run(`${words} -o json`))]).toEqual([words, 2, 'usage.remote'])
    expect(farm.json('sim status --farm figure-8')).toMatchObject({ farm: 'figure-8' })
  })

  it('go on as ever where OVMCLI_PROFILE is empty, and so do all others: that says none', () => {
    const farm = farmAway('figure-8')
    const here = (words: string) => farm.runWith({ env: { OVMCLI_PROFILE: '' } }, words)
    expect(here('farm status -o json --query farm')).toMatchObject({ exit: 0, stdout: '"figure-8"\n' })
    expect(here('sim status -o name')).toMatchObject({ exit: 0, stdout: 'figure-8\n' })
    expect(here('sim use figure-8 -o name')).toMatchObject({ exit: 0, stderr: '' })
    writeFileSync(join(farm.home, 'ovm', 'config', 'config.yaml'), 'profile: work\n')
    expect(here('vm list --limit 1 -o name')).toMatchObject({ exit: 0, stdout: 'vm1\n' })
    expect(codeOf(here('profile show -o json'))).toEqual([3, 'profile.not-found'])
    expect(here('vm list --profile work').exit).toBe(8)
    // What is in use is so for the next command all the same.
    expect(farm.ok('profile list --filter current=true -o name')).toBe('work\n')
  })
})

it('a machine without a farm is well when its commands go elsewhere', () => {
  const farm = farmAway()
  const [current] = farm.json<{ check: string }[]>('doctor').filter(({ check }) => check === 'current farm')
  expect(current).toEqual({ check: 'current farm', result: 'ok', message: 'none here: commands work on profile work', hint: null })
  const alone = JSON.parse(farm.runWith({ env: { OVMCLI_PROFILE: '' } }, 'doctor -o json').stdout) as { check: string; result: string }[]
  expect(alone.find(({ check }) => check === 'current farm')).toMatchObject({ result: 'warning' })
  expect(farm.ok('')).not.toContain('There is no farm')
})
