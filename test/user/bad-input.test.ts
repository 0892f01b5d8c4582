import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCodes, type ErrorCode } from '../../src/model/errors.js'
import { Session } from '../session.js'

interface Answer { line: number; command: string; exit: number; result: unknown; error: { code: ErrorCode; exit: number; message: string; hint: string | null } | null }

const long = 'x'.repeat(5_000)
/** Bad lines with the code that each ends with. */
const bad: Readonly<Partial<Record<ErrorCode, readonly string[]>>> = {
  'usage.command': ['vmx', 'vm strat', 'vm', "''", "vm ''", 'constructor', '__proto__ list', 'vm constructor', 'vm -- list', 'batch x', long, `vm ${long}`],
  'usage.argument': [
    'vm list --nope', 'vm list --toString', 'vm list --constructor=x', 'vm list --__proto__', 'vm list -x', 'vm list -qx', 'vm list extra', 'vm list -o', 'vm list -o xml', 'vm list --limit x', 'vm list --limit -1', 'vm list --limit 1.5', "vm list --limit ''",
    'vm list -o json --output json', 'vm list --quiet=false', 'vm start vm1 --dry-run=false', 'vm list --timeout x', 'farm status --timeout 5x', 'vm start vm1 --timeout 999999999999d', 'vm stop vm1 --grace -5', 'vm stop vm1 --grace 1e3s', "vm stop vm1 --force-after ''",
    'vm start vm1 --finish-by 2010-13-45', 'vm start vm1 --finish-by 25:61', 'run list --since yesterday', 'vm start vm1 --max-share 101%', 'vm start vm1 --max-failures x', 'vm start vm1 --order tier', 'vm start vm1 --on-error explode', "vm start vm1 --request-key ''",
    'vm start --all vm1', 'vm start --all --exclude [z-a]', 'vm start [z-a]', 'vm start --from -', 'vm start --from /nowhere', "vm start --from ''", 'vm start --from /dev/zero', 'vm start vm1 --report xml=x', 'vm start vm1 --report json=/nowhere/x', 'vm update vm1', 'vm update vm1 --tag =x', 'vm update vm1 --tag a', 'vm wait vm1 --for dancing',
    'vm migrate vm1', 'sim clock --rate NaN', 'sim clock --rate 0x10', 'sim clock --advance x', 'sim create x --preset figure-6 --seed -1', `vm start ${long}`, `vm start vm1 --reason ${long}`, `vm list --pool ${long}`, `vm list --${long}`, '-- vm list', '--nope vm list', 'sim use', 'sim delete', 'run show', 'vm show',
  ],
  'usage.filter': [
    'vm list --filter x', "vm list --filter ''", 'vm list --filter nope=1', 'vm list --filter constructor=1', 'vm list --filter memoryMiB=much', 'vm list --filter vcpus=1e999', 'vm list --filter ha=perhaps', 'vm list --filter startedAt=soon', 'vm list --filter state=runing', 'vm list --state runing', 'run list --state done',
    'vm list --filter name~(', 'vm list --filter "name~a{1000000}"', 'vm list --sort nope', "vm list --sort ''", 'vm list --sort name:down', 'vm list --sort name,,', 'vm list --columns nope', "vm list --columns ''", 'vm list --columns ,', 'sim list --columns nope', 'vm start vm1 --columns nope', 'vm start --all --filter state=runing',
  ],
  'usage.query': ['vm list --query [', 'vm list --query nope(@)', 'vm list -o table --query name', `vm list --query ${long.slice(0, 4_090)}...[`],
  'usage.name': ['sim create ../x --preset figure-6', "sim create 'a b' --preset figure-6", "sim create '' --preset figure-6"],
  'usage.nothing-selected': ['vm start'],
  'not-found.vm': ['vm start nobody', "vm start ''", 'vm show /', 'vm show pool1/', "vm start 'nobody*'", "vm start '$(id)'", "vm start '; rm -rf /'"],
  'not-found.match': ['vm start --tag nope', 'vm start --pool nope', 'vm start --pool pool1 --exclude "*"'],
  'not-found.pool': ['vm list --pool nope', 'vm list --pool pool1 --pool nope', 'vm start --pool pool1 --pool nope', 'server list --pool nope'],
  'not-found.server': ['vm list --server nope', 'vm start vm1 --on nope', 'vm migrate vm1 --to nope'],
  'not-found.run': ['run show nope', 'run resume nope', 'run retry nope'],
  'farm.not-found': ['vm list --farm ../..', "vm list --farm ''", 'sim use ..', 'sim delete .. --yes'],
  'farm.preset': ['sim create x --preset nope', 'sim create x --preset __proto__', 'sim create x --preset grid --pools 0', 'sim create x --preset figure-6 --pools 2'],
  'auth.unknown-user': ['vm list -u nobody', "vm list -u ''", 'vm start vm1 -u __proto__'],
}

describe('bad input', () => {
  it('ends with its own code and exit, in a line or few, and changes nothing; of who may not log in it leaves an event', () => {
    const farm = new Session('figure-8')
    const looks = ['vm list', 'event list', 'run list', 'sim list', 'sim status']
    const lines = Object.entries(bad).flatMap(([code, commands]) => commands.map(command => ({ code: code as ErrorCode, command })))
    farm.ok('vm list')
    const before = readdirSync(join(farm.home, 'ovm'))
    const { stdout, stderr, exit } = farm.batch([...looks, ...lines.map(({ command }) => command), ...looks], '-')
    const answers = stdout.trimEnd().split('\n').map(line => JSON.parse(line) as Answer)
    expect(exit).toBe(6)
    expect(answers).toHaveLength(lines.length + 2 * looks.length)
    lines.forEach(({ code, command }, at) => {
      const { error, result, exit: own } = answers[looks.length + at]!
      expect([error?.code, own, result], command.slice(0, 100)).toEqual([code, errorCodes[code].exit, null])
      expect(error!.message.length).toBeLessThan(1_010)
    })
    const refusals = bad['auth.unknown-user']!.map(() => expect.objectContaining({ kind: 'auth.unknown-user', severity: 'warning', run: null }) as object)
    expect(answers.slice(-looks.length).map(({ result }) => result)).toEqual(answers.slice(0, looks.length).map(({ command, result }) => (command === 'event list' ? [...(result as object[]), ...refusals] : result)))
    expect(stderr).not.toMatch(/^\s+at |undefined|\[object/m)
    expect(stderr.split('\n').length).toBeLessThan(lines.length * 4)
    expect(readdirSync(join(farm.home, 'ovm'))).toEqual(before)
  })

  it('of fifty thousand words is read to its end: where the parser took the square of their number it was minutes', () => {
    const farm = new Session('figure-8')
    const file = join(farm.home, 'many')
    const many = Array.from({ length: 50_000 }, (_, at) => `n${at}`)
    writeFileSync(file, many.join('\n'))
    const ended = farm.run('vm start -q --ignore-missing --allow-empty', ...many)
    expect([ended.exit, ended.stdout]).toEqual([0, '0 targets: nothing to do in 0 s (run-c4cd69ae)\n'])
    expect(farm.run('vm start -o json --from', file).exit).toBe(3)
  })
})
