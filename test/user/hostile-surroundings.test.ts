import { spawnSync } from 'node:child_process'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DatabaseSync } from '@photostructure/sqlite'
import { describe, expect, it } from 'vitest'
import { readDefaults } from '../../src/cli/defaults.js'
import { noNarrowing } from '../../src/contract/requests.js'
import { openKeeper } from '../../src/embedded/keeper.js'
import { openManager } from '../../src/embedded/open.js'
import { Refusal, type ErrorCode } from '../../src/model/errors.js'
import { refusalOf } from '../refusal.js'
import { Session } from '../session.js'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const nobody = ['--reuid', '12345', '--regid', '12345', '--clear-groups', process.execPath]
/** Whether commands can be run as somebody else here, who can read the program. */
const hasNobody = process.getuid?.() === 0 && spawnSync('setpriv', [...nobody, '-e', `require('node:fs').accessSync(${JSON.stringify(bin)})`]).status === 0
const hostile = '\u001b[31mred\u001b]0;t\u0007\u009b\u007f\u202e\u2028\u061c\r\nnext'
const steers = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\r(?!\n)/

function inDatabase(farm: Session, name: 'manager.db' | 'world.db', ...statements: string[]): void {
  const db = new DatabaseSync(join(farm.home, 'ovm', 'farms', 'figure-8', name))
  for (const sql of statements) db.prepare(sql).run(...Array.from({ length: sql.split('?').length - 1 }, () => hostile))
  db.close()
}

describe('data that would steer a terminal', () => {
  it('is shown in every format, and steers none', () => {
    const farm = new Session('figure-8')
    farm.ok('vm start vm1')
    inDatabase(farm, 'manager.db', `update vm set tags = json_object('k', ?), os = ?, name = 'vm1' || ? where name = 'vm1'`, `update vm_detail set details = json_set(details, '$.description', ?)`, 'update event set message = ?, subject = ?, user = ?',
      'update run set reason = ?, user = ?', `update item set error = json_object('code', 'vm.state', 'message', ?, 'hint', ?, 'details', null), result = 'failed', state = 'failed'`, `update server set address = ?, state = ?, roles = json_array(?) where name = 'ovs1'`,
      'update resource set name = ?, os = ?', 'update repo set device = ?, uuid = ?', `update pool set virtual_ip = ? where name = 'pool1'`, `update meta set value = ? where key = 'preset'`)
    inDatabase(farm, 'world.db', `insert into fault (number, kind, subject_id, subject, state, begin_at, asked, occasions) values (1, 'agent-down', 'x', ?, 'over', 0, 0, 0)`)
    const run = farm.ok('run list -o name').trim()
    const looks = ['vm list', 'vm show pool1/vm2', "vm list --filter 'name~red'", 'server list', 'pool list', 'template list', 'iso list', 'repo list', 'job list', 'event list', 'run list', `run show ${run}`, 'sim status', 'sim list', 'sim fault list', 'farm status', 'farm topology', 'vm start vm1*', "vm wait 'vm1*' --for running"]
    const formats = ['table', 'wide', 'json', 'jsonl', 'yaml', 'csv', 'name']
    const { stdout, stderr } = farm.runWith({ input: looks.flatMap(look => formats.map(format => `${look} -o ${format}`)).join('\n') }, 'batch -')
    expect(steers.exec(stdout)).toBeNull()
    expect(steers.exec(stderr)).toBeNull()
    const answers = stdout.trimEnd().split('\n').map(line => JSON.parse(line) as { command: string; exit: number; result: unknown })
    expect(answers).toHaveLength(looks.length * formats.length)
    for (const { command, exit, result } of answers) {
      expect(exit, command).not.toBe(1)
      // Data comes through whole; text is text that steers nothing.
      if (typeof result === 'string') expect(steers.exec(result)?.[0], command).toBeUndefined()
    }
    const os = (format: string) => JSON.stringify(answers.find(({ command }) => command === `vm list -o ${format}`)!.result)
    expect(os('json')).toContain(JSON.stringify(hostile))
    expect(os('csv')).toContain('\\\\x1b[31mred')
    expect(os('yaml')).toContain('\\\\e[31mred')
  })
})

describe('a stdout that takes nothing', () => {
  it.runIf(existsSync('/dev/full'))('is output.write, exit 8: said on stderr, while what was done is done and the report file is written', () => {
    const farm = new Session('figure-6')
    const full = (words: string, redirection: string) => {
      const done = spawnSync('/bin/sh', ['-c', `exec ${process.execPath} ${bin} ${words} ${redirection}`], { env: farm.env(), encoding: 'utf8' })
      return { exit: done.status, stdout: done.stdout, stderr: done.stderr }
    }
    const report = join(farm.home, 'report.json')
    expect(full(`vm start vm1 -o json --report json=${report}`, '> /dev/full')).toMatchObject({ exit: 8, stderr: expect.stringMatching(/^farm figure-6 \(simulated\)\nError: standard output could not be written: ENOSPC[^\n]*\nHint: [^\n]*\nCode: output.write \(exit 8\)\n$/) })
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ done: 1 })
    expect(full('vm show nobody -o json', '> /dev/full')).toMatchObject({ exit: 3, stderr: expect.stringContaining('not-found.vm') })
    expect(full('--version', '> /dev/full').exit).toBe(8)
    // Nobody can be told on a stderr that takes nothing; the answer stands.
    expect(full('vm start vm1 -o name --strict', '2> /dev/full')).toEqual({ exit: 5, stdout: '', stderr: '' })
    expect(full('vm list -o name --limit 1', '2> /dev/full <&-')).toMatchObject({ exit: 0, stdout: 'vm1\n' })
  })
})

describe('a home', () => {
  it('whose databases are damaged, foreign, missing or no files is told as such, and looking makes nothing', async () => {
    const farm = new Session('figure-6')
    const home = join(farm.home, 'ovm')
    const folder = join(home, 'farms', 'figure-6')
    const file = (name: string) => join(folder, name)
    const whole = ['manager.db', 'world.db'].map(name => [name, readFileSync(file(name))] as const)
    const sql = (name: string, text: string) => { const db = new DatabaseSync(file(name)); db.exec(text); db.close() }
    const filled = (name: string, byte: () => number, from: number, to: number) => {
      const descriptor = openSync(file(name), 'r+')
      writeSync(descriptor, Uint8Array.from({ length: to - from }, byte), 0, to - from, from)
      closeSync(descriptor)
    }
    const damages: [string, ErrorCode, () => void][] = [
      ['truncated', 'store.corrupt', () => truncateSync(file('manager.db'), 5_000)], ['truncated world', 'store.corrupt', () => truncateSync(file('world.db'), 4_096)], ['empty', 'store.corrupt', () => truncateSync(file('manager.db'), 0)],
      ['zeroed', 'store.corrupt', () => filled('manager.db', () => 0, 0, whole[0]![1].length)], ['garbage', 'store.corrupt', () => filled('world.db', () => Math.floor(Math.random() * 256), 0, 20_000)], ['a torn page', 'store.corrupt', () => filled('manager.db', () => 0xa5, 4_096, 40_960)],
      ['text', 'store.corrupt', () => writeFileSync(file('manager.db'), 'hello\n')], ['another application', 'store.corrupt', () => { rmSync(file('manager.db')); sql('manager.db', 'create table moz_places (url)') }],
      ['another application of our version', 'store.corrupt', () => { rmSync(file('manager.db')); sql('manager.db', 'create table t (a); pragma user_version = 3') }], ['missing world', 'store.corrupt', () => rmSync(file('world.db'))],
      ['a folder', 'store.corrupt', () => { rmSync(file('manager.db')); mkdirSync(file('manager.db')) }], ['a pipe', 'store.corrupt', () => { rmSync(file('world.db')); spawnSync('mkfifo', [file('world.db')]) }],
      ['older', 'store.older', () => sql('manager.db', 'pragma user_version = 1')], ['newer', 'store.newer', () => sql('world.db', 'pragma user_version = 99')], ['a clock that is none', 'store.corrupt', () => sql('world.db', `update meta set value = '1e30' where key = 'now'`)],
    ]
    for (const [what, code, damage] of damages) {
      damage()
      const before = readdirSync(folder).filter(name => name.endsWith('.db'))
      expect(await codeOf(async () => {
        const manager = await openManager({ home, farm: null })
        try {
          await manager.list({ principal: { user: 'admin' }, kind: 'vm', narrowing: noNarrowing, columns: null, sort: null, limit: null, cursor: null })
          await manager.farmStatus({ principal: { user: 'admin' } })
        } finally {
          await manager.close()
        }
      }), what).toBe(code)
      expect(readdirSync(folder).filter(name => name.endsWith('.db')), what).toEqual(before)
      expect((await openKeeper(home).list()).map(({ name }) => name), what).toEqual(['figure-6'])
      for (const name of readdirSync(folder)) rmSync(file(name), { recursive: true })
      for (const [name, bytes] of whole) writeFileSync(file(name), bytes)
    }
  })

  it('whose word for the current farm is garbage has none; a path is no name', async () => {
    const farm = new Session('figure-6')
    const home = join(farm.home, 'ovm')
    for (const text of ['', '\u0000\u0001', '..', '.', '../farms/figure-6', 'x'.repeat(100_000), 'nope']) {
      writeFileSync(join(home, 'current'), text)
      expect(await codeOf(() => openManager({ home, farm: null })), text.slice(0, 20)).toBe('farm.none')
    }
    rmSync(join(home, 'current'))
    mkdirSync(join(home, 'current'))
    expect(await codeOf(() => openManager({ home, farm: null }))).toBe('store.unreadable')
    // What could not be put in its place does not lie beside it.
    expect(await codeOf(() => openKeeper(home).use('figure-6'))).toBe('store.unreadable')
    expect(readdirSync(home).sort()).toEqual(['current', 'farms'])
  })

  it.runIf(hasNobody)('that one may only read can be looked at, and changing is store.read-only; what may not be read at all is exit 8', () => {
    const farm = new Session('figure-6')
    const home = join(farm.home, 'ovm')
    const folder = join(home, 'farms', 'figure-6')
    for (const path of [farm.home, home, join(home, 'farms'), folder]) chmodSync(path, 0o755)
    for (const path of [join(home, 'current'), ...readdirSync(folder).map(name => join(folder, name))]) chmodSync(path, 0o644)
    const asNobody = (words: string, env: Record<string, string> = {}) => spawnSync('setpriv', [...nobody, bin, ...words.split(' ')], { env: farm.env(env), encoding: 'utf8' })
    expect(asNobody('vm list -o name')).toMatchObject({ status: 0, stdout: 'vm1\nvm2\nvm3\nvm4\n' })
    expect(asNobody('vm start vm1')).toMatchObject({ status: 8, stderr: expect.stringContaining('store.read-only') })
    expect(asNobody('sim use figure-6')).toMatchObject({ status: 8, stderr: expect.stringContaining('store.read-only') })
    // A refusal that leaves no event is one all the same.
    expect(asNobody('server stop ovs1 --yes -u alice')).toMatchObject({ status: 4, stderr: expect.stringContaining('auth.denied') })
    chmodSync(join(folder, 'manager.db'), 0o600)
    expect(asNobody('vm list')).toMatchObject({ status: 8, stderr: expect.stringContaining('manager.db may not be read (EACCES)') })
    chmodSync(home, 0o700)
    expect(asNobody('vm list')).toMatchObject({ status: 8, stderr: expect.stringContaining('store.unreadable') })
    // An account without a home, and a home that is somebody else's.
    expect(asNobody('vm list', { HOME: '', OVMCLI_HOME: '' })).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no home folder') })
    expect(asNobody('vm list', { HOME: home, OVMCLI_HOME: '' })).toMatchObject({ status: 8, stderr: expect.stringContaining('set OVMCLI_HOME') })
  })

  it('with a configuration that is no text, endless, or a bomb is told so', async () => {
    const farm = new Session()
    const config = join(farm.home, 'config')
    const env = { OVMCLI_CONFIG_HOME: config }
    mkdirSync(config)
    const file = join(config, 'config.yaml')
    for (const [content, said] of [[Buffer.from([0xff, 0xfe, 0, 1]), 'is not UTF-8'], ['x: 1\n'.repeat(20_000), 'holds more than 65536 bytes'], ['a: &a [x, x]\nb: [*a, *a]\n', 'is not YAML: Alias resolution is disabled'], ['['.repeat(20_000), 'is not YAML'], ['__proto__: x', 'is no setting']] as const) {
      writeFileSync(file, content)
      expect(await refusalOf(readDefaults(env))).toMatchObject({ code: 'usage.config', message: expect.stringContaining(said) })
    }
    // Texts are what they look like: no number, and nothing is said of types that are not known.
    writeFileSync(file, 'farm: !!js/function 08\ncolumns:\n')
    expect([...(await readDefaults(env))].map(([flag, { texts }]) => [flag, texts])).toEqual([['farm', ['08']]])
    rmSync(file)
    mkdirSync(file)
    expect(await refusalOf(readDefaults(env))).toMatchObject({ code: 'usage.config', message: expect.stringContaining('it is a folder') })
  })
})

/** The code of the refusal that some work ends with. */
async function codeOf(work: () => Promise<unknown>): Promise<ErrorCode | null> {
  try {
    await work()
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}
