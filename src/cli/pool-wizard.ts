import inquirer from 'inquirer'
import type { Fault } from '../model/errors.js'
import type { StorageKind } from '../model/object-states.js'
import type { NamedServer } from './pool-flags.js'
import { printable } from './streams.js'

/** A pool that is to be made, as far as somebody has said; undefined: nobody has. */
export interface WantedPool { name?: string; servers: NamedServer[]; password: string | null; storage?: StorageKind; ha?: boolean; virtualIp?: string | null; force: boolean }

/** What the manager would answer to a pool as far as it is said; null: nothing stands against it. `about` is the field that it is about. */
export type Probe = (pool: WantedPool) => Promise<{ fault: Fault; about: string } | null>

/** Asks at the terminal for what nobody said of a new pool, one after the other; what is wrong with an answer is said at once, and asked again. */
export async function askForPool(given: WantedPool, probe: Probe): Promise<WantedPool> {
  const pool: WantedPool = { ...given, servers: [...given.servers] }
  if (pool.name === undefined) pool.name = await asks('Name of the pool', '', async name => told(await probe({ ...pool, name, servers: [] }), ['name']))
  if (pool.servers.length === 0) {
    await askForServer(pool, probe, 'Its master: name of the first server')
    while (await askForServer(pool, probe, 'Another server (empty: no more)'));
  }
  pool.storage ??= pool.servers.length > 1 ? 'shared' : await askForStorage(pool, probe)
  if (pool.storage === 'local') return pool
  pool.ha ??= await confirms('High availability')
  if (pool.virtualIp === undefined) {
    const address = await asks('Virtual IP (empty: none)', '', async text => (text === '' ? true : told(await probe({ ...pool, virtualIp: text }), ['virtualIp'])))
    pool.virtualIp = address === '' ? null : address
  }
  return pool
}

/** Asks for a server, its address and what else the agent there wants; whether one was given. */
async function askForServer(pool: WantedPool, probe: Probe, question: string): Promise<boolean> {
  const isFirst = pool.servers.length === 0
  const before = pool.servers
  // That it is reached is found out with its address.
  const name = await asks(question, '', async text => (text === '' && !isFirst ? true : told(await probe(withServer(pool, { name: text, address: null })), ['servers'], unmet)))
  if (name === '') return false
  for (;;) {
    const address = await asks(`Address of ${name}`, name, async text => told(await probe(withServer(pool, { name, address: text })), ['servers'], ['agent.password', 'server.owned']))
    Object.assign(pool, withServer(pool, { name, address }))
    if (await isTaken(pool, probe)) return true
    pool.servers = before
  }
}

/** What only a server itself can say, and not its name. */
const unmet = ['agent.password', 'agent.unreachable', 'agent.no-answer', 'server.owned', 'usage.argument']

/** Whether the last server of a pool lets itself be taken: by its password, and from whoever has it, if that is what is wanted. */
async function isTaken(pool: WantedPool, probe: Probe): Promise<boolean> {
  let answer = await probe(pool)
  if (answer?.fault.code === 'agent.password') {
    pool.password = await asks("Password of its agent", null, async text => told(await probe({ ...pool, password: text }), ['servers'], ['server.owned']))
    answer = await probe(pool)
  }
  if (answer?.fault.code !== 'server.owned') return true
  if (!(await confirms(`${printable(answer.fault.message)}. Take it`))) return false
  pool.force = true
  return true
}

async function askForStorage(pool: WantedPool, probe: Probe): Promise<StorageKind> {
  const { storage } = await prompt()<{ storage: StorageKind }>([{
    type: 'select', name: 'storage', message: 'Where it keeps its guests', choices: [{ name: 'local: the disk of its one server', value: 'local' }, { name: 'shared: more servers, migration, HA', value: 'shared' }],
    validate: async (choice: { value: StorageKind }) => told(await probe({ ...pool, storage: choice.value }), ['storage']),
  } as never])
  return storage
}

function withServer(pool: WantedPool, server: NamedServer): WantedPool {
  return { ...pool, servers: [...pool.servers, server] }
}

/** What to say of an answer: true when nothing stands against it that it could be about. */
function told(answer: Awaited<ReturnType<Probe>>, about: readonly string[], later: readonly string[] = []): true | string {
  if (!answer || !about.includes(answer.about) || later.includes(answer.fault.code)) return true
  return printable(answer.fault.hint === null ? answer.fault.message : `${answer.fault.message} (${answer.fault.hint})`)
}

/** A line of text; `standard` null: it is not shown while it is typed. */
async function asks(message: string, standard: string | null, check: (text: string) => Promise<true | string>): Promise<string> {
  const { text } = await prompt()<{ text: string }>([{
    type: standard === null ? 'password' : 'input', name: 'text', message, ...(standard ? { default: standard } : {}), validate: (text: string) => check(text.trim()),
  } as never])
  return text.trim()
}

async function confirms(message: string): Promise<boolean> {
  const { yes } = await prompt()<{ yes: boolean }>([{ type: 'confirm', name: 'yes', message, default: false }])
  return yes
}

function prompt() {
  return inquirer.createPromptModule({ output: process.stderr })
}
