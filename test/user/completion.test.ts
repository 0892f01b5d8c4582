import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Session } from '../session.js'
import { hasTerminal, Terminal } from '../terminal.js'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** A bash with completion set up as a user would; `tab` presses Tab behind its words and prints what is offered, between bars. */
function press(farm: Session, lines: readonly string[], setUp = 'eval "$(ovmcli autocomplete script bash)"') {
  const programs = join(farm.home, 'bin')
  mkdirSync(programs, { recursive: true })
  for (const name of ['ovmcli', 'ovm']) {
    writeFileSync(join(programs, name), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
    chmodSync(join(programs, name), 0o755)
  }
  const script = `set -u; ${setUp}
tab() { COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}; _ovmcli; local IFS='|'; echo "\${COMPREPLY[*]-}"; }
raw() { COMP_LINE=$1; COMP_POINT=\${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _ovmcli; local IFS='|'; echo "\${COMPREPLY[*]-}"; }
${lines.join('\n')}`
  const { stdout, stderr, status } = spawnSync('bash', ['--norc'], { input: script, encoding: 'utf8', cwd: farm.home, env: { ...farm.env(), PATH: `${programs}:${process.env['PATH']}` } })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout.split('\n').slice(0, -1)
}

describe('completion in bash', () => {
  it('works at once in an empty home, for commands, flags, values and names', () => {
    const farm = new Session('figure-8')
    writeFileSync(join(farm.home, 'hosts.txt'), '')
    expect(press(farm, [
      'complete -p ovm', "tab ovmcli ''", 'tab ovm vm st', 'tab ovmcli vm start --dr', 'tab ovmcli vm start vm1 --dr', 'tab ovmcli -o json vm sta', 'tab ovmcli svr sh',
      'tab ovmcli vm start vm1', 'tab ovmcli vm show pool2/vm1', 'tab ovmcli server stop o', 'tab ovmcli pool show p', 'tab ovmcli sim use f', 'tab ovmcli -u alice vm start v', 'tab ovmcli --farm nowhere vm start v',
      "raw 'ovmcli vm list --state=ru' ovmcli vm list --state = ru", "raw 'ovmcli vm list --pool=' ovmcli vm list --pool =", "raw 'ovmcli vm show \"vm10' ovmcli vm show '\"vm10'", 'tab ovmcli vm start --from ho', 'tab ovmcli help sel',
    ])).toEqual([
      'complete -F _ovmcli ovm', expect.stringMatching(/^agent\|autocomplete\|.*\|vm(\|.*)?\|help$/), 'start|stop', '--dry-run', '--dry-run', 'start', 'show',
      'vm1|vm10', 'pool2/vm10', 'ovs1|ovs2|ovs3', 'pool1|pool2', 'figure-8', '', '',
      'running', 'pool1|pool2', 'vm10', 'hosts.txt', 'selecting',
    ])
  })

  it('renews scripts of another version, and says why where it cannot write them', () => {
    const farm = new Session('figure-7')
    const script = join(farm.home, '.cache', 'ovmcli', 'autocomplete', 'functions', 'bash', 'ovmcli.bash')
    expect(farm.run('autocomplete -r')).toEqual({ stdout: '', stderr: '', exit: 0 })
    const made = readFileSync(script, 'utf8')
    const stamp = /^# (\S+)$/m.exec(made.slice(made.indexOf('complete -F _ovmcli_autocomplete ovm')))![1]!
    writeFileSync(script, made.replaceAll(stamp, 'older').replaceAll('vm:start ', 'vm:begin '))
    expect(press(farm, ['tab ovmcli vm be', 'tab ovmcli vm start vm6', 'tab ovmcli vm be', 'tab ovmcli vm star'], 'source ~/.cache/ovmcli/autocomplete/bash_setup')).toEqual(['begin', 'vm6', '', 'start'])
    expect(readFileSync(script, 'utf8')).toBe(made)
    rmSync(script)
    expect(farm.ok('autocomplete script zsh')).toMatch(/^OVMCLI_AC_ZSH_SETUP_PATH='.*zsh_setup' && test -f "\$OVMCLI_AC_ZSH_SETUP_PATH" && source /)
    expect(readFileSync(script, 'utf8')).toBe(made)
    expect(farm.runWith({ env: { XDG_CACHE_HOME: '/proc/nowhere' } }, 'autocomplete script bash -o json')).toMatchObject({ exit: 8, stderr: expect.stringContaining('cache.write') })
    expect(farm.run('autocomplete fish -o json')).toMatchObject({ exit: 2, stderr: expect.stringContaining('usage.argument') })
  })

  it('is silent where there is no farm, and never offers what no user typed', () => {
    const empty = new Session()
    expect(empty.run('autocomplete words -- bash - = - ovmcli vm start v')).toEqual({ stdout: '', stderr: '', exit: 0 })
    expect(empty.run('autocomplete words')).toMatchObject({ stderr: '', exit: 0 })
    expect(empty.ok('help')).not.toContain('autocomplete words')
  })
})

describe('completion in ovmcli shell', () => {
  it.skipIf(!hasTerminal)('puts in what is missing, in the pool in use', async () => {
    const shell = new Terminal(new Session('figure-8'), 'shell')
    // What is typed while the shell still looks would not wait for it: nobody types so fast.
    await shell.type('figure-8> ', 'use poo\t')
    await shell.type('use pool', '2\r')
    await shell.type('figure-8/pool2> ', 'vm sho\t')
    await shell.type('vm show ', 'vm1\t')
    await shell.type('vm10 ', '--col\t')
    await shell.type('--columns ', 'name,serv\t')
    await shell.type('name,server', ' -o csv\r')
    await shell.sees('\nvm10,\r')
    await shell.type('figure-8/pool2> ', 'exit\r')
    expect(await shell.ended).toBe(0)
  })
})
