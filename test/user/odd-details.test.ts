import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Manager } from '../../src/contract/manager.js'
import { Refusal, type ErrorCode } from '../../src/model/errors.js'
import { Session } from '../session.js'
import { hasTerminal, Terminal } from '../terminal.js'
import { playedManager } from '../wsapi/played-manager.js'
import { serve, tls } from '../wsapi/served.js'

/** Details that no manager of ours gives: those of a manager elsewhere are what it says. */
const odd: unknown[] = [null, 7, 'text', [], { names: null, cannot: 1, stays: {} }, { names: [null, 7, {}], cannot: [null, 7, { name: { toString: 1 }, code: [], reason: null }], stays: [null, {}, 'one stays'], user: 7, given: 'yes' }]

/** A profile of a manager that refuses everything with such details. */
async function refusing(code: ErrorCode, details: unknown): Promise<Session> {
  const { manager } = playedManager(1)
  const refuse = async () => { throw new Refusal(code, 'an odd manager', null, details) }
  const { port } = await serve(Object.fromEntries(Object.keys(manager).map(call => [call, refuse])) as unknown as Manager, { identify: async () => ({ user: 'admin' }) })
  const home = new Session()
  const folder = join(home.home, 'ovm', 'config', 'profiles')
  mkdirSync(folder, { recursive: true })
  const ca = join(home.home, 'cert.pem')
  writeFileSync(ca, tls.cert)
  writeFileSync(join(folder, 'odd.json'), JSON.stringify({ manager: `https://127.0.0.1:${port}`, user: 'admin', farm: 'odd', trust: { kind: 'ca', file: ca }, token: 'ovm_x', expiresAt: '2999-01-01T00:00:00Z' }))
  return home
}

describe('what a manager elsewhere says beside its error is no reason to fail in another way', () => {
  it.each(odd.map(details => [details]))('run undo, of what cannot be taken back: %j', async details => {
    const { exit, stderr } = await (await refusing('guard.confirm', details)).start('run undo r1 --profile odd').ended
    expect(exit).toBe(5)
    expect(stderr).toContain('Code: guard.confirm (exit 5)')
    if (stderr.includes('stays')) expect(stderr).toContain('one stays\n')
  })

  it.skipIf(!hasTerminal).each(odd.map(details => [details]))('a verb, of what it asks about: %j', async details => {
    const asked = new Terminal(await refusing('guard.confirm', details), 'vm delete vm1 --profile odd')
    await asked.type('Go on?', 'n\r')
    expect(await asked.ended).toBe(5)
  })

  it.skipIf(!hasTerminal).each(odd.map(details => [details]))('a verb, of whose password is asked for: %j', async details => {
    const terminal = new Terminal(await refusing('auth.password', details), 'vm list --profile odd')
    expect(await terminal.ended).toBe(4)
    expect(terminal.shown).toContain('Code: auth.password (exit 4)')
  })
})
