import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configFolder, homeFolder } from '../src/cli/places.js'
import { processPresence } from '../src/sim/presence.js'

// Loaded by the tests, and, as one file, into every command that they run (remote-command.ts): what it needs of src/ is little.

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'bin', 'run.js')
const mishap = join(root, 'test', 'mishap.cjs')
const certificate = join(root, 'test', 'wsapi', 'tls', 'cert.pem')

/** Whether the commands of tests go to a served manager instead of working on the farm themselves (`npm run test:remote`). */
export const isRemote = process.env['OVMCLI_TEST_BACKEND'] === 'remote'

/** The variable that names the folder in which the managers of a test file are written down. */
export const managersVariable = 'MANAGERS_OF_TESTS'

/** What the environment of commands holds for the remote backend: what sends them there. @param preloaded the file of remote-command.ts */
export function remoteEnv(preloaded: string): Record<string, string> {
  return isRemote ? { NODE_OPTIONS: `--require ${preloaded}`, [managersVariable]: managersFolder() } : {}
}

/** Topics that are about this machine, or about the program itself. */
const localTopics: ReadonlySet<string> = new Set(['manager', 'profile', 'doctor', 'commands', 'help'])
/** Global flags whose value is a word of its own. */
const withValue: ReadonlySet<string> = new Set(['-o', '--output', '--columns', '--query', '-u', '--user', '--password-file', '--farm', '--timeout', '--sort', '--filter', '--limit'])
/** How many managers of a test file are served at once; then the one that was asked longest ago is ended. */
const mostManagers = 8
/** How long a manager may take until it listens, in milliseconds. */
const mostStartMs = 60_000

interface Served { pid: number; born: string; url: string }
/** The same command for the remote backend: its words, and what its environment has besides (null: has not). */
export interface Aimed { argv: string[]; env: Record<string, string | null> }

/**
 * The same command line for the remote backend: with a profile of whoever acts, at a manager that serves the farm it names. The
 * profile's token is put into the database by hand, so that nobody needs a password and the farm is the same to the byte; who has a
 * password is named with it instead.
 */
export function remotely(argv: readonly string[], env: NodeJS.ProcessEnv, isClassic = false): Aimed {
  const asIs = { argv: [...argv], env: {} }
  const [topic = '', verb = ''] = wordsOf(argv)
  const own = beforeDashes(argv)
  const tab = topic === 'autocomplete' && verb === 'words'
  if (isClassic ? argv[0] !== '-u' : topic === '' || localTopics.has(topic) || verb === 'help' || own.some(word => ['--help', '-h', '--version', '--profile', '--manager'].includes(word)) || (topic === 'autocomplete' && !tab)) return asIs
  if (env['OVMCLI_PROFILE'] || env['OVMCLI_MANAGER']) return asIs
  const home = homeFolder(env)
  // Farms of this machine, made and spoiled behind the manager's back; can-i asks about them.
  if ((topic === 'sim' && verb !== 'clock') || (topic === 'can-i' && own.includes('sim'))) {
    if (verb === 'create' || verb === 'delete') stopServing(home)
    return asIs
  }
  const { value: farmFlag, rest: withoutFarm } = taken(argv, '--farm')
  const { value: userFlag, rest } = taken(tab ? argv.filter(word => word !== '--') : withoutFarm, '--user', '-u')
  const farm = farmFlag ?? (env['OVMCLI_FARM'] || currentFarm(home))
  if (farm === null || !existsSync(join(home, 'farms', farm, 'manager.db'))) return asIs
  const user = userFlag ?? (env['OVMCLI_USER'] || configuredUser(env) || 'admin')
  const { url } = served(home, farm)
  const byPassword = hasPassword(home, farm, user) || showsPassword(own, topic, verb)
  const profile = byPassword ? null : profileOf(home, farm, user, url, env)
  if (isClassic || tab) return { argv: [...argv], env: { OVMCLI_FARM: null, ...(profile === null ? { OVMCLI_MANAGER: url, OVMCLI_CA: certificate } : { OVMCLI_PROFILE: profile }) } }
  if (profile !== null) return { argv: ['--profile', profile, ...rest], env: {} }
  return { argv: ['--manager', url, '--ca', certificate, ...(userFlag === null ? [] : ['--user', userFlag]), ...rest], env: {} }
}

/** Does what has to be done by whoever writes the farm: arranges a mishap, and tells whether it struck. Without one: kill -9 now. */
export function withMishap<T>(home: string, farm: string, order: string, work: () => T): { result: T; struck: boolean } {
  const { pid, born } = served(home, farm)
  const file = `${entryOf(home, farm)}.mishap`
  writeFileSync(file, order)
  const result = work()
  rmSync(file)
  const struck = existsSync(`${file}.struck`)
  if (struck) {
    rmSync(`${file}.struck`)
    untilDead(pid, born)
  }
  return { result, struck }
}

/** Ends the managers of a home, as by kill -9; the next command begins another. */
export function stopServing(home: string): void {
  for (const farm of existsSync(join(home, 'farms')) ? readdirSync(join(home, 'farms')) : []) {
    const found = servedNow(home, farm)
    if (found) end(found)
  }
}

/** Ends all managers of a test file. */
export function stopAll(): void {
  for (const name of readdirSync(managersFolder()).filter(file => file.endsWith('.json'))) end(readServed(join(managersFolder(), name)))
}

/** The farm that a home's commands work on; null: there is none. */
export function currentFarm(home: string): string | null {
  try { return readFileSync(join(home, 'current'), 'utf8').trim() || null } catch { return null }
}

/** The words that are no global flags, up to the second. */
function wordsOf(argv: readonly string[]): string[] {
  const words: string[] = []
  for (let at = 0; at < argv.length && words.length < 2; at++) {
    if (withValue.has(argv[at]!)) at++
    else if (!argv[at]!.startsWith('-')) words.push(argv[at]!)
  }
  return words
}

/** Whether a command line gives a password of whoever acts: some commands mean that of somebody else by the flag. */
function showsPassword(argv: readonly string[], topic: string, verb: string): boolean {
  const at = argv.findIndex(word => /^--password-file(=|$)/.test(word))
  return at >= 0 && (at < argv.indexOf(topic) || !['user create', 'user password', 'agent configure'].includes(`${topic} ${verb}`))
}

function beforeDashes(argv: readonly string[]): readonly string[] {
  const dashes = argv.indexOf('--')
  return dashes < 0 ? argv : argv.slice(0, dashes)
}

/** The value that a command line gives of a flag, and the rest of it. */
function taken(argv: readonly string[], flag: string, short?: string): { value: string | null; rest: string[] } {
  const rest: string[] = []
  let value: string | null = null
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--') return { value, rest: [...rest, ...argv.slice(at)] }
    if (word === flag || word === short) value = argv[++at] ?? ''
    else if (word.startsWith(`${flag}=`)) value = word.slice(flag.length + 1)
    else rest.push(word)
  }
  return { value, rest }
}

function configuredUser(env: NodeJS.ProcessEnv): string | undefined {
  try { return /^user: *(\S+)/m.exec(readFileSync(join(configFolder(env), 'config.yaml'), 'utf8'))?.[1] } catch { return undefined }
}

function managersFolder(): string {
  const folder = process.env[managersVariable]
  if (!folder) throw new Error(`${managersVariable} is not set`)
  return folder
}

/** The file in which it is written where a farm is served. */
function entryOf(home: string, farm: string): string {
  return join(managersFolder(), `${createHash('sha256').update(join(home, 'farms', farm)).digest('hex').slice(0, 16)}.json`)
}

const readServed = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Served
const lives = ({ pid, born }: Pick<Served, 'pid' | 'born'>) => processPresence().isAlive(pid, born)

function servedNow(home: string, farm: string): Served | null {
  const file = entryOf(home, farm)
  if (!existsSync(file)) return null
  const found = readServed(file)
  return lives(found) ? found : null
}

/** Where the farm is served; from the first question on. */
function served(home: string, farm: string): Served {
  const file = entryOf(home, farm)
  const found = servedNow(home, farm) ?? locked(`${file}.lock`, () => servedNow(home, farm) ?? serve(home, farm, file))
  const now = new Date()
  utimesSync(file, now, now)
  return found
}

function serve(home: string, farm: string, file: string): Served {
  endSome()
  const service = join(home, 'farms', farm, 'service')
  mkdirSync(service, { recursive: true })
  for (const name of ['cert.pem', 'key.pem']) writeFileSync(join(service, name), readFileSync(join(root, 'test', 'wsapi', 'tls', name)), { mode: 0o600 })
  const [out, log] = [openSync(`${file}.url`, 'w'), openSync(`${file}.log`, 'w')]
  const env = { PATH: process.env['PATH'], HOME: home, OVMCLI_HOME: home, OVMCLI_TEST_MISHAP_FILE: `${file}.mishap` }
  const child = spawn(process.execPath, ['--require', mishap, bin, 'manager', 'serve', '--farm', farm, '--https-port', '0'], { env, cwd: '/', detached: true, stdio: ['ignore', out, log] })
  child.unref()
  for (const descriptor of [out, log]) closeSync(descriptor)
  const pid = child.pid!
  const born = bornOf(pid)
  for (const endsAt = Date.now() + mostStartMs; ;) {
    const url = readFileSync(`${file}.url`, 'utf8')
    if (url.includes('\n')) {
      const one = { pid, born, url: url.split('\n')[0]! }
      writeFileSync(file, JSON.stringify(one))
      return one
    }
    if (!lives({ pid, born }) || Date.now() > endsAt) throw new Error(`the manager of ${farm} does not listen: ${readFileSync(`${file}.log`, 'utf8')}`)
    pause(5)
  }
}

/** When a process began, as it says itself: `isAlive` compares. */
function bornOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!
}

/** Makes room for another manager. */
function endSome(): void {
  const folder = managersFolder()
  const entries = readdirSync(folder).filter(name => name.endsWith('.json')).map(name => join(folder, name))
  const living = entries.filter(file => lives(readServed(file))).sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
  for (const file of living.slice(0, Math.max(0, living.length - mostManagers + 1))) end(readServed(file))
}

function end({ pid, born }: Served): void {
  if (!lives({ pid, born })) return
  process.kill(pid, 'SIGKILL')
  untilDead(pid, born)
}

function untilDead(pid: number, born: string): void {
  while (lives({ pid, born })) pause(1)
}

/** Commands are begun synchronously, so this waits synchronously. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Work that only one of several processes does at a time; who died over it is not waited for. */
function locked<T>(file: string, work: () => T): T {
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx')
      writeSync(descriptor, JSON.stringify({ pid: process.pid, born: processPresence().born }))
      closeSync(descriptor)
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      let holder: Served | null = null
      try { holder = readServed(file) } catch { /* being written, or gone again */ }
      if (holder && !lives(holder)) rmSync(file, { force: true })
      else pause(5)
    }
  }
  try {
    return work()
  } finally {
    rmSync(file, { force: true })
  }
}

function inDatabase<T>(home: string, farm: string, work: (db: InstanceType<typeof import('@photostructure/sqlite').DatabaseSync>) => T): T {
  const { DatabaseSync } = createRequire(import.meta.url)('@photostructure/sqlite') as typeof import('@photostructure/sqlite')
  const db = new DatabaseSync(join(home, 'farms', farm, 'manager.db'))
  try {
    db.exec('pragma busy_timeout = 10000')
    return work(db)
  } finally {
    db.close()
  }
}

function hasPassword(home: string, farm: string, user: string): boolean {
  return inDatabase(home, farm, db => db.prepare('select 1 from user where name = ? and password is not null').get(user) !== undefined)
}

/** A profile of a user, logged in; it is called like the farm, or like the farm and him. */
function profileOf(home: string, farm: string, user: string, url: string, env: NodeJS.ProcessEnv): string {
  const said = `${farm}${user === 'admin' ? '' : `-${user}`}`
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(said) ? said : `p${createHash('sha256').update(said).digest('hex').slice(0, 16)}`
  const folder = join(configFolder(env), 'profiles')
  const file = join(folder, `${name}.json`)
  const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
  return inDatabase(home, farm, db => {
    const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { manager: string; token: string }) : null
    if (known?.manager === url && db.prepare('select 1 from login_token where hash = ?').get(hashOf(known.token))) return name
    const token = `ovm_${randomBytes(32).toString('base64url')}`
    const expiresAt = Date.now() + 12 * 3_600_000
    db.prepare('insert into login_token (hash, user, created_at, expires_at) values (?, ?, ?, ?)').run(hashOf(token), user, Date.now(), expiresAt)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const fingerprint = createHash('sha256').update(Buffer.from(readFileSync(certificate, 'utf8').replace(/-----[^-]+-----|\s/g, ''), 'base64')).digest('hex').toUpperCase().replace(/(..)(?=.)/g, '$1:')
    // Commands that run at once write the same file: each whole.
    const half = `${file}.${process.pid}`
    writeFileSync(half, JSON.stringify({ manager: url, user, farm, trust: { kind: 'pinned', fingerprint }, token, expiresAt: new Date(expiresAt).toISOString() }), { mode: 0o600 })
    renameSync(half, file)
    return name
  })
}
