import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Manager } from '../../src/contract/manager.js'
import { openStores } from '../../src/embedded/open.js'
import { hashPassword } from '../../src/manager/people/scrypt.js'
import { Refusal } from '../../src/model/errors.js'
import { kindOf, runOperations, type RunOperation } from '../../src/model/operations.js'
import { reachOf } from '../../src/model/permissions.js'
import { remoteDesk } from '../../src/remote/desk.js'
import { hostileTimes } from '../hostile-times.js'
import { runHere } from '../in-process.js'
import { all, expected, groups, guests, people, roleOf, type Found } from '../manager/permission-truth.js'
import { arrange, found, madeIn, requestOf } from '../manager/permitted-farm.js'
import { password, ServedFarm } from '../served-manager.js'
import type { Running } from '../session.js'
import { dumpOf } from '../store-dump.js'
import { lineOf } from './operation-lines.js'

interface Event { kind: string; user: string; severity: string; message: string }

/** A served farm with guests of everybody, and who is logged in there: with a client of ours, and with a profile. */
class Shared extends ServedFarm {
  readonly folder = join(this.home, 'ovm', 'farms', 'figure-8')
  readonly clients = new Map<string, Manager>()
  private serving!: Running

  constructor() {
    super('figure-8')
  }

  async open(): Promise<void> {
    const { repository, world } = openStores(this.folder, false)
    const kept = await hashPassword(password)
    await arrange(repository, guests, { alice: { ...people.alice, password: kept }, operator: { ...people.operator, password: kept } }, groups)
    await repository.close()
    await world.close()
    this.serving = await this.serve()
    const place = { url: this.url, trust: { kind: 'pinned', fingerprint: String(this.json('manager status')['fingerprint']) } } as const
    for (const user of Object.keys(roleOf)) {
      const { token } = await remoteDesk.logIn(place, user, password)
      this.clients.set(user, remoteDesk.open(place, { token }))
      this.ok(`profile add ${user} -q --manager ${this.url} --trust-on-first-use --user ${user} --password-file ${this.passwordFile}`)
    }
  }

  /** The objects that an operation could be done to, or the pools in which. */
  async objectsOf(operation: RunOperation): Promise<Found[]> {
    const made = madeIn(operation)
    return made === 'nothing' ? [{ name: 'new', pool: null }] : all(this.clients.get('admin')!, 'admin', made === 'pool' ? 'pool' : kindOf(operation))
  }

  /** Calls that the log says were answered with a code, by user. */
  async logged(code: string, times: number): Promise<string[]> {
    const log = await this.serving.said(new RegExp(`"level":"warn","event":"call","user":"\\w+","method":"startRun","status":500,"code":"${code}"`), times)
    return log.split('\n').filter(line => line.includes(`"method":"startRun","status":500,"code":"${code}"`)).map(line => (JSON.parse(line) as { user: string }).user)
  }

  async events(): Promise<Event[]> {
    const admin = this.clients.get('admin')!
    const page = await admin.list({ principal: { user: 'admin' }, kind: 'event', narrowing: { pools: [], servers: [], states: [], tags: [], filters: ['kind=auth.denied'], exclude: [] }, columns: null, sort: null, limit: null, cursor: null })
    return JSON.parse(page.json) as Event[]
  }
}

/** What a run without a rehearsal comes to: refused as a whole, or each of its objects. */
async function attempt(client: Manager, user: string, operation: RunOperation, objects: readonly string[]): Promise<string[]> {
  const request = requestOf(user, operation, ...objects)
  try {
    const { run } = await client.startRun({ ...request, requestKey: `real/${request.requestKey}`, selector: { ...request.selector, ...(madeIn(operation) ? { targets: [] } : {}) } })
    const { items } = await client.runReport({ principal: { user }, run })
    return items.map(({ error }) => error?.code ?? 'done')
  } catch (error) {
    if (error instanceof Refusal) return [error.code]
    throw error
  }
}

describe('every operation as every role over a served manager', () => {
  let farm: Shared
  beforeAll(async () => {
    farm = new Shared()
    await farm.open()
  })

  it('that the role may never do is refused, logged and an event, and changes nothing', async () => {
    const before = dumpOf(farm.folder)
    const refused: string[] = []
    for (const [user, role] of Object.entries(roleOf)) {
      for (const operation of runOperations.filter(each => reachOf(role, each) === 'none')) {
        // Whoever is named as the principal: who logged in asks.
        const refusal: unknown = await farm.clients.get(user)!.startRun({ ...requestOf('admin', operation, 'nowhere'), requestKey: `${user}/${operation}` }).then(() => null, (error: unknown) => error)
        expect(refusal, `${user} ${operation}`).toMatchObject({ name: 'Refusal', code: 'auth.denied', exit: 4 })
        refused.push(user)
      }
    }
    expect(refused.length).toBeGreaterThan(50)
    expect(dumpOf(farm.folder)).toEqual(before)
    expect(await farm.logged('auth.denied', refused.length)).toEqual(refused)
    const events = await farm.events()
    expect(events.map(({ user }) => user)).toEqual(refused)
    expect(new Set(events.map(({ severity }) => severity))).toEqual(new Set(['warning']))
  })

  it('is refused for objects that the table does not give it, own, shared, public and foreign ones, which changes nothing', async () => {
    const before = dumpOf(farm.folder)
    let refused = 0
    for (const operation of runOperations) {
      const objects = await farm.objectsOf(operation)
      for (const user of Object.keys(roleOf)) {
        const client = farm.clients.get(user)!
        const truth = Object.fromEntries(objects.map(object => [object.name, expected(user, operation, object)]))
        // What is permitted is so too; in a rehearsal, which costs most of the time.
        if (hostileTimes > 1) expect(await found(client, user, operation, objects.map(({ name }) => name)), `${user} ${operation}`).toEqual(truth)
        if (reachOf(roleOf[user]!, operation) === 'none') continue
        // In earnest, what may be seen and not acted on together, and of what may not be seen one.
        const denied = objects.filter(({ name }) => truth[name] === 'auth.denied').map(({ name }) => name)
        const [hidden] = objects.filter(({ name }) => truth[name]!.startsWith('not-found.'))
        const several = madeIn(operation) === null && operation !== 'vm.clone' && operation !== 'vm.template' && !operation.startsWith('disk.') && operation !== 'user.password'
        for (const aimed of several && denied.length > 0 ? [denied] : denied.map(name => [name])) {
          expect(new Set(await attempt(client, user, operation, aimed)), `${user} ${operation} ${aimed.join()}`).toEqual(new Set(['auth.denied']))
          refused++
        }
        if (hidden) {
          expect(await attempt(client, user, operation, [hidden.name]), `${user} ${operation} ${hidden.name}`).toEqual([truth[hidden.name]])
          refused++
        }
      }
    }
    expect(refused).toBeGreaterThan(80)
    expect(dumpOf(farm.folder)).toEqual(before)
  })

  it('given as a command ends with the code and the exit of what it finds', async () => {
    const before = dumpOf(farm.folder)
    const home = join(farm.home, 'ovm')
    let refused = 0
    for (const operation of runOperations) {
      const objects = await farm.objectsOf(operation)
      for (const user of ['alice', 'operator']) {
        for (const code of new Set(objects.map(object => expected(user, operation, object)))) {
          const object = objects.find(one => expected(user, operation, one) === code)!
          if (code === 'allowed') continue
          const line = [...lineOf(operation, object.name, farm.passwordFile), '--profile', user, '-o', 'json']
          const { exit, stdout, stderr } = await runHere(home, line)
          const answer = JSON.parse(stdout) as { error?: { code: string }; items?: { error: { code: string } | null }[] }
          expect([exit, answer.error?.code ?? answer.items?.[0]?.error?.code], `${line.join(' ')}: ${stdout}${stderr}`).toEqual([code === 'auth.denied' ? 4 : 3, code])
          refused++
        }
      }
    }
    expect(refused).toBeGreaterThan(100)
    expect(dumpOf(farm.folder)).toEqual(before)
    // What is looked at would tell a change.
    expect((await runHere(home, [...lineOf('vm.update', 'vm1', ''), '--profile', 'alice', '-o', 'json'])).exit).toBe(0)
    expect(dumpOf(farm.folder)).not.toEqual(before)
  })
})
