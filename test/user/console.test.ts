import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { vncPasswordBytes } from '../../src/cli/viewer.js'
import { Session } from '../session.js'
import { answers, expectRefusals } from './many-refusals.js'

/** A farm whose vm1 runs and has a password, and a viewer that writes down what it was called with. */
function arranged(): { farm: Session; viewer: string; seen: () => string } {
  const farm = new Session('figure-8')
  const [file, viewer, log] = ['password', 'viewer', 'seen'].map(name => join(farm.home, name)) as [string, string, string]
  writeFileSync(file, 'hushhush\n', { mode: 0o600 })
  writeFileSync(viewer, `#!/bin/sh\n{ echo "$@"; ls -l "$2" | cut -c1-10; od -An -tx1 "$2"; } > '${log}' 2>&1\necho watching\nexit "\${VIEWER_EXIT:-0}"\n`)
  chmodSync(viewer, 0o755)
  expect(answers(farm, [`vm update vm1 --console-password-file ${file} --visibility public`, 'vm start vm1']).map(({ exit }) => exit)).toEqual([0, 0])
  return { farm, viewer, seen: () => readFileSync(log, 'utf8') }
}

describe('vm console', () => {
  it('tells where it is, and the password to those only who may change the guest, when they ask', () => {
    const { farm } = arranged()
    expect(farm.json('vm console vm1')).toEqual({ name: 'vm1', pool: 'pool1', server: 'ovs1', address: '10.1.0.1', port: 5900 })
    expect(farm.ok('vm console pool1/vm1 -o name')).toBe('10.1.0.1:5900\n')
    expect(farm.json('vm console vm1 --show-password')['password']).toBe('hushhush')
    expect(farm.json('vm console vm1 --user alice')).toMatchObject({ port: 5900 })
    expectRefusals(farm, [
      ['vm console vm1 --show-password --user alice', 4, 'auth.denied', /owner/],
      ['vm console vm2', 5, 'vm.state', /vm start vm2/],
      ['vm console vm2 --user alice', 3, 'not-found.vm', /vm list/],
      ['vm console', 2, 'usage.argument', /vm console VM/],
      ['vm suspend vm1', 0, null, /^$/],
      ['vm console vm1', 5, 'vm.state', /vm resume vm1/],
    ])
  })

  it('opens a viewer with the address; the password goes by a file for the user alone, which is gone afterwards', async () => {
    const { farm, viewer, seen } = arranged()
    const before = readdirSync(tmpdir()).filter(name => name.startsWith('ovmcli-console-'))
    const opened = farm.runWith({ env: { OVMCLI_VNCVIEWER: viewer } }, 'vm console vm1 --open -o json')
    expect(opened.exit, opened.stderr).toBe(0)
    expect(JSON.parse(opened.stdout)).toEqual({ name: 'vm1', pool: 'pool1', server: 'ovs1', address: '10.1.0.1', port: 5900 })
    expect(opened.stderr).toContain('watching')
    const [words, mode, bytes] = seen().split('\n')
    expect(words).toMatch(/^-passwd \S+\/password 10\.1\.0\.1::5900$/)
    expect(mode).toBe('-rw-------')
    expect(bytes!.replaceAll(' ', '')).toBe((await vncPasswordBytes('hushhush')).toString('hex'))
    expect(opened.stdout + opened.stderr + words!).not.toContain('hushhush')
    expect(readdirSync(tmpdir()).filter(name => name.startsWith('ovmcli-console-'))).toEqual(before)
    // Who may only look is asked by the viewer.
    expect(farm.runWith({ env: { OVMCLI_VNCVIEWER: viewer } }, 'vm console vm1 --open --user alice').exit).toBe(0)
    expect(seen()).toMatch(/^10\.1\.0\.1::5900\n/)
    expect(farm.runWith({ env: { OVMCLI_VNCVIEWER: viewer, VIEWER_EXIT: '3' } }, 'vm console vm1 --open')).toMatchObject({ exit: 8, stderr: expect.stringContaining('console.viewer') })
    expect(farm.runWith({ env: { OVMCLI_VNCVIEWER: '/nowhere/viewer' } }, 'vm console vm1 --open')).toMatchObject({ exit: 8, stderr: expect.stringMatching(/console\.viewer/) })
    expect(readdirSync(tmpdir()).filter(name => name.startsWith('ovmcli-console-'))).toEqual(before)
    expect(farm.runWith({ env: { OVMCLI_VNCVIEWER: viewer, TMPDIR: '/nowhere' } }, 'vm console vm1 --open')).toMatchObject({ exit: 8, stderr: expect.stringMatching(/no place for the password in \/nowhere: .*set TMPDIR .*store\.read-only/s) })
  })

  it('writes passwords as viewers read them', async () => {
    // Two that are known from elsewhere: vncpasswd of `password`, and of the handbooks of those who break in.
    expect((await vncPasswordBytes('password')).toString('hex')).toBe('dbd83cfd727a1458')
    expect((await vncPasswordBytes('Secure!')).toString('hex')).toBe('d7a514d8c556aade')
  })
})
