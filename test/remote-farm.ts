import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterAll } from 'vitest'

const bin = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const tls = (name: string) => readFileSync(fileURLToPath(new URL(`wsapi/tls/${name}`, import.meta.url)))

/** Whether the commands of tests go to a served manager instead of working on the farm themselves (`npm run test:remote`). */
export const isRemote = process.env['OVMCLI_TEST_BACKEND'] === 'remote'

/** Topics that are about this machine, or about the program itself. */
const localTopics = new Set(['manager', 'profile', 'doctor', 'commands', 'help', 'autocomplete', 'shell', 'batch'])

interface Server { process: ChildProcess; url: string; ended: boolean }
const servers = new Map<string, Server>()
if (isRemote) afterAll(() => { for (const server of servers.values()) server.process.kill('SIGKILL') })

/** The flags that a command line gives of its own, and the rest of it. */
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

/**
 * The same command line for the remote backend: with a profile of whoever acts, at a manager that serves the farm it names. The
 * profile's token is put into the database by hand, so that nobody needs a password and the farm is the same to the byte.
 */
export function remotely(home: string, argv: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const words = argv.filter(word => !word.startsWith('-'))
  const [topic, verb] = [words[0] ?? '', words[1] ?? '']
  if (topic === '' || localTopics.has(topic) || words.includes('help') || argv.includes('--help') || argv.includes('-h') || argv.includes('--version')) return [...argv]
  if (topic === 'sim' && verb !== 'clock') {
    if (verb === 'create' || verb === 'delete') for (const [folder, server] of servers) if (folder.startsWith(join(home, 'farms'))) stop(folder, server)
    return [...argv]
  }
  const { value: farmFlag, rest: withoutFarm } = taken(argv, '--farm')
  const { value: userFlag, rest } = taken(withoutFarm, '--user', '-u')
  const farm = farmFlag ?? env['OVMCLI_FARM'] ?? currentFarm(home)
  const folder = join(home, 'farms', farm ?? '')
  if (farm === null || farm === '' || !existsSync(join(folder, 'manager.db'))) return [...argv]
  return ['--profile', profileOf(home, farm, userFlag ?? env['OVMCLI_USER'] ?? 'admin', urlOf(home, farm, folder)), ...rest]
}

function currentFarm(home: string): string | null {
  try { return readFileSync(join(home, 'current'), 'utf8').trim() } catch { return null }
}

function stop(folder: string, server: Server): void {
  server.process.kill('SIGKILL')
  servers.delete(folder)
}

/** Where the farm is served; from the first question on. */
function urlOf(home: string, farm: string, folder: string): string {
  const known = servers.get(folder)
  if (known && !known.ended) return known.url
  mkdirSync(join(folder, 'service'), { recursive: true })
  for (const name of ['cert.pem', 'key.pem']) writeFileSync(join(folder, 'service', name), tls(name), { mode: 0o600 })
  const out = `${home}-${farm}-${randomBytes(4).toString('hex')}.url`
  const descriptor = openSync(out, 'w')
  const child = spawn(process.execPath, [bin, 'manager', 'serve', '--farm', farm, '--https-port', '0'], { env: { PATH: process.env['PATH'], HOME: home, OVMCLI_HOME: home }, stdio: ['ignore', descriptor, 'ignore'] })
  closeSync(descriptor)
  const server: Server = { process: child, url: '', ended: false }
  child.once('exit', () => { server.ended = true })
  servers.set(folder, server)
  // Commands are run synchronously, so this waits synchronously for the one line that says where.
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let tries = 0; !(server.url = readFileSync(out, 'utf8').split('\n')[0]!); tries++) {
    if (tries > 3_000) throw new Error(`the manager of ${farm} does not listen`)
    Atomics.wait(pause, 0, 0, 10)
  }
  rmSync(out)
  return server.url
}

const profiles = new Map<string, string>()

/** A profile of a user, logged in. */
function profileOf(home: string, farm: string, user: string, url: string): string {
  const key = `${url} ${user} ${home} ${farm}`
  const file = (name: string) => join(home, 'config', 'profiles', `${name}.json`)
  const known = profiles.get(key)
  if (known && existsSync(file(known))) return known
  const name = `p${profiles.size}`
  const token = `ovm_${randomBytes(32).toString('base64url')}`
  const expiresAt = Date.now() + 12 * 3_600_000
  const db = new DatabaseSync(join(home, 'farms', farm, 'manager.db'))
  db.exec('pragma busy_timeout = 10000')
  db.prepare('insert into login_token (hash, user, created_at, expires_at) values (?, ?, ?, ?)').run(createHash('sha256').update(token).digest('hex'), user, Date.now(), expiresAt)
  db.close()
  mkdirSync(join(home, 'config', 'profiles'), { recursive: true, mode: 0o700 })
  const fingerprint = createHash('sha256').update(Buffer.from(tls('cert.pem').toString().replace(/-----[^-]+-----|\s/g, ''), 'base64')).digest('hex').toUpperCase().replace(/(..)(?=.)/g, '$1:')
  writeFileSync(file(name), JSON.stringify({ manager: url, user, farm, trust: { kind: 'pinned', fingerprint }, token, expiresAt: new Date(expiresAt).toISOString() }), { mode: 0o600 })
  profiles.set(key, name)
  return name
}
