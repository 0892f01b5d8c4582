import { describe, expect, it } from 'vitest'
import { Session } from '../session.js'
import { hasTerminal, Terminal } from '../terminal.js'

describe.skipIf(!hasTerminal)('a terminal that only prints', () => {
  it.each(['dumb', ''])('(TERM=%s) gets no escape sequence from progress, questions and the shell', async TERM => {
    const farm = new Session('figure-8')
    farm.ok('vm start --pool pool1')
    const shell = new Terminal(farm, 'shell', { env: { TERM } })
    for (const [answer, then] of [['n\r', ' [5]> '], ['\u0003', ' [130]> '], ['\u0004', ' [130]> '], ['yes\r', '2 targets: 2 done']] as const) {
      await shell.type('> ', 'vm stop vm1 vm2\r')
      await shell.type('Go on?', answer)
      await shell.type(then, '\r')
    }
    await shell.type('figure-8> ', 'exit\r')
    expect(await shell.ended).toBe(0)
    expect(shell.shown).not.toContain('\u001b')
    expect(farm.ok('vm list --state powered-off --pool pool1 -o name')).toBe('vm1\nvm2\n')
  })
})
