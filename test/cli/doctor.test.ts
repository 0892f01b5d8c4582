import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeCheck } from '../../src/cli/doctor/program-checks.js'
import { homeChecks } from '../../src/cli/doctor/folder-checks.js'
import { terminalChecks } from '../../src/cli/doctor/terminal-checks.js'
import { knownVariables, variableChecks } from '../../src/cli/doctor/variable-checks.js'
import type { HealthCheck } from '../../src/contract/farms.js'
import { openKeeper } from '../../src/embedded/keeper.js'
import { Session } from '../session.js'

const resultOf = (checks: readonly HealthCheck[], check: string) => checks.filter(one => one.check === check).map(one => one.result)

/** Every file of a folder with its bytes, and when it was written. */
function bytesOf(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort().map(name => {
    const stat = statSync(join(folder, name))
    return [name, `${stat.mtimeMs} ${stat.mode} ${stat.isFile() ? readFileSync(join(folder, name)).toString('base64') : ''}`]
  }))
}

/** A home with a farm, for checks in this process. */
function homeWith(preset: string): { home: string; database: (farm: string, file: string) => string; check: (named?: string) => Promise<HealthCheck[]> } {
  const home = join(new Session(preset).home, 'ovm')
  return { home, database: (farm, file) => join(home, 'farms', farm, file), check: (named) => openKeeper(home).check(named ?? null) }
}

describe('the doctor', () => {
  it('wants the Node of package.json or a newer one', () => {
    const results = ['20.20.0', '22.1.0', '20.19.9', '18.20.8', '9.99.0'].map(version => nodeCheck(version, '>=20.20').result)
    expect(results).toEqual(['ok', 'ok', 'error', 'error', 'error'])
  })

  it('suggests the variable that was meant, and shows no password', () => {
    expect(variableChecks({ OVMCLI_HOEM: '/x', OVMCLI_USER: 'a', PATH: '/bin' })).toEqual([{ check: 'environment', result: 'warning', message: 'OVMCLI_HOEM is set, and nothing reads it', hint: 'did you mean OVMCLI_HOME?' }])
    expect(variableChecks({ OVMCLI_XYZZYQWERTY: '1' })[0]!.hint).toContain('OVMCLI_NO_HEADER')
    for (const name of knownVariables) expect(variableChecks({ [name]: 'x' }).map(check => check.result), name).toEqual(['ok'])
  })

  it('looks at the terminal and the character set', () => {
    const results = (isTTY: boolean, columns: number | null, env: NodeJS.ProcessEnv) => terminalChecks({ isTTY, columns, env }).map(check => check.result)
    expect(results(true, 120, { TERM: 'xterm', LANG: 'en_US.UTF-8' })).toEqual(['ok', 'ok'])
    expect(results(true, 20, { TERM: 'xterm', LANG: 'de_DE.utf8' })).toEqual(['warning', 'ok'])
    expect(results(true, 120, { TERM: 'dumb', LC_ALL: 'C', LANG: 'en_US.UTF-8' })).toEqual(['warning', 'warning'])
    expect(results(false, null, {})).toEqual(['ok', 'warning'])
  })

  it('looks at the home: there or not, a folder or not, its modes', () => {
    const home = mkdtempSync(join(new Session().home, 'home-'))
    expect(homeChecks(home).map(check => check.result)).toEqual(['ok', 'ok'])
    chmodSync(home, 0o755)
    expect(homeChecks(home)[0]).toMatchObject({ result: 'warning', hint: `chmod 700 ${home}` })
    expect(homeChecks(join(home, 'not', 'yet'))[0]).toMatchObject({ result: 'ok', message: expect.stringContaining('not there yet') })
    expect(existsSync(join(home, 'not'))).toBe(false)
    writeFileSync(join(home, 'file'), '')
    for (const bad of [join(home, 'file'), join(home, 'file', 'below')]) expect(homeChecks(bad)[0]!.result, bad).toBe('error')
  })

  it('finds farms sound and leaves no trace in them, not even of what a killed command left', async () => {
    const { home, database, check } = homeWith('figure-6')
    // What is in the WAL would be written back by whoever opens and closes the database.
    const db = new DatabaseSync(database('figure-6', 'manager.db'))
    db.exec(`update user set email = 'wal@example.com' where name = 'alice'`)
    cpSync(join(home, 'farms', 'figure-6'), join(home, 'farms', 'killed'), { recursive: true })
    db.close()
    expect(statSync(database('killed', 'manager.db-wal')).size).toBeGreaterThan(0)
    const before = bytesOf(home)
    const checks = await check()
    expect(bytesOf(home)).toEqual(before)
    expect(checks.map(({ check: name, result }) => [name, result])).toEqual([['current farm', 'ok'], ['farm figure-6', 'ok'], ['farm figure-6 runs', 'ok'], ['farm killed', 'ok'], ['farm killed runs', 'ok']])
  })

  it('says which farm is damaged, foreign, newer or incomplete, and goes on with the others', async () => {
    const { home, database, check } = homeWith('figure-6')
    const farms = ['damaged', 'foreign', 'newer', 'partial', 'garbage']
    for (const name of farms) cpSync(join(home, 'farms', 'figure-6'), join(home, 'farms', name), { recursive: true })
    const sound = readFileSync(database('damaged', 'world.db'))
    // The header and the schema stay: only a look at the pages finds it.
    writeFileSync(database('damaged', 'world.db'), Buffer.concat([sound.subarray(0, 4096), Buffer.alloc(sound.length - 4096, 0x5a)]))
    rmSync(database('foreign', 'manager.db'))
    new DatabaseSync(database('foreign', 'manager.db')).exec('create table other (x); insert into other values (1)')
    new DatabaseSync(database('newer', 'manager.db')).exec('pragma user_version = 99')
    rmSync(database('partial', 'world.db'))
    writeFileSync(database('garbage', 'manager.db'), 'no database'.repeat(1_000))
    const before = bytesOf(home)
    const checks = await check()
    expect(bytesOf(home)).toEqual(before)
    for (const name of farms) {
      expect(resultOf(checks, `farm ${name}`), name).toEqual(['error'])
      expect(checks.find(one => one.check === `farm ${name}`)!.hint, name).toMatch(/backup|move it away|update/)
    }
    expect(checks.find(one => one.check === 'farm damaged')!.message).toContain('world.db')
    expect(checks.find(one => one.check === 'farm partial')!.message).toContain('world.db is missing')
    expect(resultOf(checks, 'farm figure-6')).toEqual(['ok'])
  })

  it('finds something to say of any damage', async () => {
    const { database, check } = homeWith('figure-6')
    const files = ['manager.db', 'world.db'].map(file => ({ path: database('figure-6', file), sound: readFileSync(database('figure-6', file)) }))
    const damage = fc.record({ file: fc.nat({ max: 1 }), length: fc.option(fc.nat({ max: 8_192 })), bytes: fc.array(fc.tuple(fc.oneof(fc.nat({ max: 99 }), fc.nat({ max: 40_000 })), fc.nat({ max: 255 })), { maxLength: 20 }) })
    await fc.assert(fc.asyncProperty(damage, async ({ file, length, bytes }) => {
      for (const { path, sound } of files) writeFileSync(path, sound)
      const { path, sound } = files[file]!
      const broken = Buffer.from(length === null ? sound : sound.subarray(0, length))
      for (const [at, byte] of bytes) if (at < broken.length) broken[at] = byte
      writeFileSync(path, broken)
      const checks = await check()
      if (length !== null) expect(resultOf(checks, 'farm figure-6')).toEqual(['error'])
      else expect(resultOf(checks, 'farm figure-6')).toHaveLength(1)
    }), { numRuns: 80, examples: [[{ file: 0, length: null, bytes: [[18, 9]] }], [{ file: 1, length: 0, bytes: [] }]] })
  })

  it('tells runs that a dead command left, and how to take them up', async () => {
    const { home, database, check } = homeWith('figure-6')
    cpSync(join(home, 'farms', 'figure-6'), join(home, 'farms', 'other'), { recursive: true })
    const leave = (farm: string, id: string, state: string, session: string | null) => {
      const db = new DatabaseSync(database(farm, 'manager.db'))
      db.prepare(`insert into run (id, seq, operation, state, user, options, policy, session, detached, total, settled, done, failed, created_at, revision) values (?, 1, 'vm.start', ?, 'admin', '{}', '{}', ?, 0, 1, 0, 0, 0, 0, 1)`).run(id, state, session)
      db.close()
    }
    leave('figure-6', 'run-dead', 'running', 'session-7')
    leave('other', 'run-cut', 'interrupted', null)
    const found = await check()
    expect(found.find(one => one.check === 'farm figure-6 runs')).toEqual({ check: 'farm figure-6 runs', result: 'warning', message: 'run-dead is left open by a command that died', hint: 'any command on the farm settles that: ovmcli run list' })
    expect(found.find(one => one.check === 'farm other runs')).toMatchObject({ result: 'warning', hint: 'take it up again: ovmcli run resume run-cut --farm other' })
    // A command that lives is no fault.
    const world = new DatabaseSync(database('figure-6', 'world.db'))
    const stat = readFileSync(`/proc/${process.pid}/stat`, 'utf8')
    world.prepare('insert into session (id, pid, born, hold_at, turn, listening) values (?, ?, ?, 0, 0, 0)').run('session-7', process.pid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!)
    world.close()
    expect((await check()).find(one => one.check === 'farm figure-6 runs')).toMatchObject({ result: 'ok', message: 'run-dead is under way' })
  })

  it('says which farm is current, and that a named one is not there', async () => {
    const { home, check } = homeWith('figure-6')
    expect((await check())[0]).toMatchObject({ check: 'current farm', result: 'ok', message: 'figure-6' })
    expect((await check('figur-6'))[0]).toMatchObject({ check: 'current farm', result: 'error' })
    rmSync(join(home, 'current'))
    expect((await check())[0]).toMatchObject({ result: 'warning', hint: 'choose one with: ovmcli sim use figure-6' })
    expect((await openKeeper(join(home, 'nowhere')).check(null))).toMatchObject([{ check: 'current farm', result: 'warning', hint: expect.stringContaining('sim create') }])
    mkdirSync(join(home, 'empty'))
    writeFileSync(join(home, 'empty', 'farms'), '')
    expect((await openKeeper(join(home, 'empty')).check(null)).map(one => one.result)).toEqual(['error'])
  })
})
