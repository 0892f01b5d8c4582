import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { shellEnv } from '../console-pages.js'
import { runHere } from '../in-process.js'
import { differences } from '../remote-differences.js'
import { isRemote } from '../remote-farm.js'
import { Session } from '../session.js'
import { hasTerminal, Terminal } from '../terminal.js'

/** The ways in which tests give a command. */
const ways: Readonly<Record<string, (farm: Session) => unknown>> = {
  'a command': farm => farm.ok('vm list'),
  'one with global flags before its topic': farm => farm.ok('-o json --columns name vm list'),
  'one that is not waited for': farm => farm.start('vm list').ended,
  'one in the process of the test': farm => runHere(join(farm.home, 'ovm'), ['vm', 'list']),
  'a line of a batch': farm => farm.runWith({ input: 'vm list' }, 'batch -'),
  'a line of a shell': farm => farm.runWith({ input: 'vm list' }, 'shell'),
  'a line of a script': farm => spawnSync('bash', ['-c', 'ovmcli vm list'], { env: shellEnv(farm) }),
  'a Tab': farm => farm.run('autocomplete words -- bash - = - ovmcli vm show v'),
  ...(hasTerminal ? { 'one at a terminal': (farm: Session) => new Terminal(farm, 'vm list').ended } : {}),
}

describe('the backend that a test means', () => {
  it.each(Object.entries(ways))('is reached by %s', async (_, give) => {
    const farm = new Session('figure-6')
    await give(farm)
    expect(farm.json('manager status')['state']).toBe(isRemote ? 'served' : 'not-initialised')
  })

  it.each(differences)('is passed over by a test that there is: $file, $test', ({ file, test }) => {
    expect(readFileSync(new URL(file, import.meta.url), 'utf8')).toContain(`'${test}`)
  })
})
