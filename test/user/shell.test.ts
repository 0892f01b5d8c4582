import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Session } from '../session.js'
import { hasTerminal, Terminal } from '../terminal.js'

describe('ovmcli shell', () => {
  it('runs lines of standard input over one farm, in the pool that is in use, and ends with the last exit code', () => {
    const farm = new Session('figure-8')
    const input = 'use pool2\nvm list -o name\nvm start\novmcli vm start vm7 -o json\nvm start vm1\nuse\nvm list -o name --limit 1\nvm pause vm10\nexit\nvm list\n'
    const { stdout, stderr, exit } = farm.runWith({ input }, 'shell')
    expect(exit).toBe(5)
    const [before, report, after] = [stdout.slice(0, stdout.indexOf('{')), stdout.slice(stdout.indexOf('{'), stdout.indexOf('\n}\n') + 3), stdout.slice(stdout.indexOf('\n}\n') + 3)]
    expect(before).toBe('pool2\nvm7\nvm8\nvm9\nvm10\n')
    expect(JSON.parse(report)).toMatchObject({ total: 1, done: 1 })
    expect(after).toMatch(/^vm1\nNAME .*\nvm10 /)
    expect(stderr).toContain('usage.nothing-selected')
    expect(stderr).toContain('not-found.match')
    expect(farm.runWith({ input: 'exit 7' }, 'shell').exit).toBe(7)
    expect(farm.runWith({ input: 'exit soon\nexit 1 2\nuse pool2' }, 'shell')).toMatchObject({ exit: 0, stdout: 'pool2\n', stderr: expect.stringMatching(/(exit takes an exit code[^]*){2}/) as string })
    expect(farm.runWith({ input: 'vm list "\nshell\nuse a b' }, 'shell')).toMatchObject({ exit: 2, stdout: '' })
  })

  it('takes global flags for every line that does not give them itself, errors of its own included', () => {
    const farm = new Session('figure-8')
    const input = 'vm show vm1\nvm show vm1 -o name\nuse a b\n-q shell\nfarm nonsense\nvm show vm2\n'
    const { stdout, stderr, exit } = farm.runWith({ input, env: { OVMCLI_USER: 'nobody' } }, 'shell --json -u admin --query name||error.code')
    expect(exit).toBe(0)
    expect(stdout.replace(/^\{[^]*?^\}$/gm, error => (JSON.parse(error) as { error: { message: string } }).error.message)).toBe(
      '"vm1"\nvm1\nuse takes one pool, or nothing\na shell cannot run inside of a shell\nfarm has no verb "nonsense"\n"vm2"\n')
    expect(stderr).toContain('Code: usage.argument (exit 2)')
  })

  it.skipIf(!hasTerminal)('edits lines at a terminal, shows where it is and how the last command ended, asks, and remembers', async () => {
    const farm = new Session('figure-8')
    const quiet = new Terminal(farm, 'shell -q')
    await quiet.type('figure-8> ', ' exit 4\r')
    expect(await quiet.ended).toBe(4)
    expect(quiet.shown).not.toContain('help lists')
    const shell = new Terminal(farm, 'shell')
    await shell.sees('help lists the commands')
    await shell.type('figure-8> ', 'use pool2\r')
    await shell.type('figure-8/pool2> ', 'vm pause vm9\r')
    await shell.type('figure-8/pool2 [5]> ', 'nonsense\u0003')
    await shell.type('figure-8/pool2 [5]> ', 'vm stop --all\r')
    await shell.type('Go on?', 'n\r')
    await shell.sees('guard.confirm')
    await shell.type('[5]> ', '\u001b[A\u001b[A\r') // the line before the last
    await shell.sees('vm pause vm9')
    await shell.sees('vm.state')
    await shell.type('[5]> ', 'vm show vm7 -o name\rvm show vm8 -o name\r')
    await shell.sees('vm8 -o name\r\nvm8')
    await shell.type('figure-8/pool2> ', '\u0004')
    expect(await shell.ended).toBe(0)
    expect(readFileSync(join(farm.home, 'ovm', 'shell-history'), 'utf8')).toBe('use pool2\nvm pause vm9\nvm stop --all\nvm pause vm9\nvm show vm7 -o name\nvm show vm8 -o name\n')
  })
})
