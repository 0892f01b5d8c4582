import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import type { Backup, Listening, ManagerMade, ManagerStatus, Restored, ServeOrder, ServiceKeeper } from '../contract/service.js'
import type { Principal } from '../contract/requests.js'
import { noNarrowing } from '../contract/requests.js'
import { Farms } from '../embedded/farms.js'
import { managerOver, openStores } from '../embedded/open.js'
import { Logins } from '../manager/people/logins.js'
import { recordRefusal } from '../manager/people/refusals.js'
import { identify, permit } from '../manager/principal.js'
import { Refusal } from '../model/errors.js'
import { checkPassword } from '../model/passwords.js'
import { SimClock } from '../sim/clock.js'
import { World } from '../sim/world.js'
import { backUp, restoreBackup, type BackedUp } from './backup.js'
import { readBackup } from './backup-file.js'
import { mustNotBeServed, servedBy } from '../embedded/claim.js'
import { makePair, ownHosts } from './certificate.js'
import { jsonJournal } from './journal.js'
import { serveFarm, type Stores } from './serve.js'
import { shared } from './shared-store.js'
import { certificateFacts, isInitialised, readPair, stagePair } from './service-files.js'

/** The managers of the farms in a home, as services. */
export function openServiceKeeper(home: string): ServiceKeeper {
  return new Keeper(new Farms(home))
}

class Keeper implements ServiceKeeper {
  constructor(private readonly farms: Farms) {}

  init(principal: Principal, { farm: named, password, ask, hosts, force }: Parameters<ServiceKeeper['init']>[1]): Promise<ManagerMade> {
    const farm = this.farms.choose(named)
    const folder = this.farms.folder(farm)
    const bad = hosts.find(host => isIP(host) === 0 && !/^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/.test(host))
    if (bad !== undefined) throw new Refusal('usage.argument', `--host: ${JSON.stringify(bad.slice(0, 80))} is no name or address of a machine`)
    return this.withStores(farm, async stores => {
      await mustManage(stores, principal)
      if (isInitialised(folder) && !force) throw new Refusal('manager.initialised', `the manager of farm ${farm} has its certificate already`, 'manager status shows it; --force makes another, which every profile has to be told of')
      if (force) await mustNotBeServed(stores.repository, farm)
      const [row] = await stores.repository.read(reader => reader.select<{ password: string | null }>({ password: 'password' }, 'from user where name = ?', [principal.user]))
      if (row!.password !== null && password !== null && !force) throw new Refusal('usage.argument', `${principal.user} has a password already`, `leave out --admin-password-file; ovmcli user password ${principal.user} gives another`)
      const first = row!.password === null ? (password ?? (await ask?.(principal.user)) ?? null) : null
      if (row!.password === null && first === null) throw new Refusal('usage.argument', `${principal.user} has no password yet, and needs one to log in`, 'give --admin-password-file FILE, or - for standard input')
      if (first !== null) checkPassword(first, principal.user)
      const pair = await makePair(farm, [...ownHosts(), ...hosts])
      // What cannot be written is known before the password is given, and then the certificate shows that all is done.
      const staged = stagePair(folder, pair)
      try {
        if (first !== null) await setPassword(farm, stores, principal.user, first)
        staged.place()
      } finally {
        staged.discard()
      }
      return { farm, user: principal.user, ...certificateFacts(pair.cert) }
    })
  }

  async serve(order: ServeOrder, stop: AbortSignal, onListening: (where: Listening) => Promise<void>, log: (line: string) => void): Promise<void> {
    const farm = this.farms.choose(order.farm)
    const folder = this.farms.folder(farm)
    const pair = readPair(folder, farm)
    await serveFarm({ ...order, farm, fetchFolder: join(folder, 'fetched') }, openStores(folder, false), pair, jsonJournal(log), stop, onListening)
  }

  status(named: string | null): Promise<ManagerStatus> {
    const farm = this.farms.choose(named)
    const folder = this.farms.folder(farm)
    return this.withStores(farm, async ({ repository }) => {
      const served = await repository.read(reader => servedBy(reader))
      const [count] = await repository.read(reader => reader.select<{ n: number }>({ n: 'count(*)' }, 'from login_token where expires_at > ?', [Date.now()]))
      const facts = isInitialised(folder) ? certificateFacts(readPair(folder, farm).cert) : { fingerprint: null, notAfter: null, hosts: null }
      const state = served ? 'served' : facts.fingerprint === null ? 'not-initialised' : 'stopped'
      return { farm, state, pid: served?.pid ?? null, since: served?.since ?? null, url: served?.url ?? null, logins: count!.n, ...facts }
    })
  }

  backup(principal: Principal, named: string | null, file: string): Promise<Backup> {
    const farm = this.farms.choose(named)
    return this.withStores(farm, async stores => {
      await mustManage(stores, principal)
      return shownBackup(resolve(file), await backUp(this.farms, farm, stores, resolve(file)))
    })
  }

  inspect(file: string): Backup {
    return shownBackup(resolve(file), readBackup(resolve(file)))
  }

  async restore(principal: Principal, file: string): Promise<Restored> {
    const { farm } = this.inspect(file)
    const replaced = this.farms.exists(farm)
    if (replaced) await this.mustEnd(principal, farm)
    return { ...shownBackup(resolve(file), await restoreBackup(this.farms, resolve(file))), replaced }
  }

  /** Who manages a farm may replace it, while nobody serves it; where it cannot be read any more, there is nobody who could be asked. */
  private async mustEnd(principal: Principal, farm: string): Promise<void> {
    try {
      await this.withStores(farm, async stores => {
        await mustManage(stores, principal)
        await mustNotBeServed(stores.repository, farm)
      })
    } catch (error) {
      if (!(error instanceof Refusal) || !['store.older', 'store.newer', 'store.corrupt', 'store.unreadable'].includes(error.code)) throw error
    }
  }

  private async withStores<T>(farm: string, work: (stores: Stores) => Promise<T>): Promise<T> {
    const stores = openStores(this.farms.folder(farm), false)
    try {
      return await work(stores)
    } finally {
      await stores.repository.close()
      await stores.world.close()
    }
  }
}

/** Lets pass who may manage the farm. @throws Refusal auth.* */
async function mustManage({ repository, world }: Stores, principal: Principal): Promise<void> {
  try {
    await new Logins().check(repository, principal)
    await repository.read(async reader => permit(await identify(reader, principal), 'farm.manage'))
  } catch (error) {
    if (error instanceof Refusal) await recordRefusal(repository, (await new SimClock(new World(world)).reading()).farmNow, principal, error)
    throw error
  }
}

/** Gives a user his first password, as `user password` does: in a run of the farm. */
async function setPassword(farm: string, { repository, world }: Stores, user: string, password: string): Promise<void> {
  const manager = managerOver(farm, shared(repository), shared(world))
  const principal = { user }
  const { run } = await manager.startRun({
    principal, requestKey: `manager.init ${farm} ${Date.now()}`, operation: 'user.password', reason: 'manager init',
    selector: { targets: [{ name: user, pool: null }], listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false },
    options: { force: false, graceMs: null, forceAfterMs: null, to: null, on: null, evacuate: false, tags: null, details: { password } },
    guards: { expect: null, maxTargets: null, maxSharePercent: null, confirmed: true },
    policy: { parallel: null, onError: 'continue', maxFailures: null, canary: null, orderTag: null, finishBy: null, leaseWaitMs: 0, strict: false, dryRun: false, noWait: false, timeoutMs: null },
  })
  const { items } = await manager.runReport({ principal: { user, password }, run })
  const fault = items[0]!.error
  if (fault) throw Refusal.from(fault as Parameters<typeof Refusal.from>[0])
}

function shownBackup(file: string, { manifest: { farm, at, time }, bytes }: BackedUp): Backup {
  return { file, farm, at, time, bytes }
}
