import type { PoolAgent } from '../../agent/protocol.js'
import { createPoolDetails } from '../../contract/details/pools.js'
import { validate } from '../../contract/requests.js'
import type { Membership, RootDisk } from '../../host/ports.js'
import { isIpAddress } from '../../model/addresses.js'
import { Refusal, type Fault } from '../../model/errors.js'
import { checkName, naturalKey } from '../../model/names.js'
import { serverRoles, type ServerRole, type StorageKind } from '../../model/object-states.js'
import { kindOfDevice, mountPointOf } from '../../model/repositories.js'
import { cpuWarning, localFault, softLimitWarning } from '../../model/server-pools.js'
import type { Reader, Transaction } from '../../store/store.js'
import { failedEnd, type Act, type ActEnd } from '../acts.js'
import type { Maker } from '../making.js'
import { changeMemberships } from '../memberships.js'
import type { Parts } from '../parts.js'
import { answered } from '../pool-channel.js'
import { takeIds, takeUuids, type ItemRecord, type RunRecord } from '../run-records.js'
import { agentKeyTable, poolTable, repoTable, serverTable } from '../schema.js'
import { agentKeys, checkNewServers, claimedFault, forgetKeys, recruit, serverRow, takenFault, type Met, type NewServer } from './newcomers.js'

/** A pool that is to be made; its first server becomes the master. */
interface NewPool { storage: StorageKind; ha: boolean; virtualIp: string | null; repoId: string; uuid: string; servers: (NewServer & { id: string; roles: ServerRole[] })[] }

/** `pool create`. */
export const createPoolMaker: Maker = {
  async plan(reader, _caller, request) {
    const details = validate(createPoolDetails, request.options.details)
    const name = await inField('name', () => checkPoolName(reader, details.name))
    if (details.servers.length === 0) throw missing('servers', 'a pool is made of a first server', '--server NAME --address ADDRESS says which')
    const servers = await inField('servers', () => checkNewServers(reader, details.servers))
    const storage = details.storage ?? (servers.length > 1 || details.ha || details.virtualIp !== null ? 'shared' : 'local')
    const fault = localFault({ name, storage, ha: details.ha, virtualIp: details.virtualIp }, servers.length)
    if (fault) throw Refusal.from({ ...fault, details: { field: 'storage' } })
    if (details.virtualIp !== null) await inField('virtualIp', () => checkVirtualIp(reader, details.virtualIp!, null, servers))
    const spec: NewPool = { storage, ha: details.ha, virtualIp: details.virtualIp, repoId: '', uuid: '', servers: servers.map((server, at) => ({ ...server, id: '', roles: at === 0 ? [...serverRoles] : ['vm'] })) }
    return [{ id: null, name, poolId: '', pool: name, state: null, sourceId: null, spec, ...(details.password === null ? {} : { secret: details.password }) }]
  },
  async complete(tx, targets) {
    for (const target of targets) {
      const spec = target.spec as NewPool
      const [poolId] = await takeIds(tx, 'pool', 1)
      const [repoId] = await takeIds(tx, 'repo', 1)
      const ids = await takeIds(tx, 'server', spec.servers.length)
      Object.assign(target, { id: poolId, poolId })
      Object.assign(spec, { repoId, uuid: (await takeUuids(tx, 1))[0] })
      spec.servers.forEach((server, at) => { server.id = ids[at]! })
      if (target.secret !== undefined) await tx.insert(agentKeyTable, ids.map(id => ({ server_id: id, password: target.secret! })))
    }
  },
}

/** A pool whose servers are members now, and what makes them nobody's again, or why they are not. */
type Founded = { servers: Extract<Met, { facts: unknown }>[]; root: RootDisk; letGo: () => Promise<void> } | { error: Fault }

/**
 * Makes pools: the first server of each is spoken to itself, since it becomes the master, and enlists the others. It makes the
 * root repository too: on a disk of its own, or on one that the servers share (docs/decisions/0021).
 */
export const createAct: Act<Founded[]> = {
  prepare: (parts, run, items) => Promise.all(items.map(item => found(parts, run, item))),
  async carryOut(tx, { items, prepared }) {
    const ends: ActEnd[] = []
    for (const [at, item] of items.entries()) {
      const spec = item.spec as NewPool
      const made = prepared[at]!
      const error = 'error' in made ? made.error : await takenSince(tx, item.name, spec)
      if (error) {
        await forgetKeys(tx, spec.servers.map(server => server.id))
        ends.push(failedEnd(error, null))
      } else ends.push(await write(tx, item, spec, made as Exclude<Founded, { error: Fault }>))
    }
    return ends
  },
  after: (_parts, { prepared }, ends) => letAllGo(prepared.filter((_, at) => ends[at]!.error !== null)),
  takeBack: (_parts, prepared) => letAllGo(prepared),
}

async function letAllGo(founded: readonly Founded[]): Promise<void> {
  for (const one of founded) if ('letGo' in one) await one.letGo()
}

function foundersOf(parts: Parts, item: ItemRecord): Promise<PoolAgent> {
  const [first, ...others] = (item.spec as NewPool).servers
  return parts.masters.under(item.targetId, first!, others)
}

async function found(parts: Parts, run: RunRecord, item: ItemRecord): Promise<Founded> {
  const { force } = run.options
  const spec = item.spec as NewPool
  const first = spec.servers[0]!
  const { claimed, keys } = await parts.store.read(async reader => ({ claimed: await claimedFault(reader, run, spec.servers), keys: await agentKeys(reader, spec.servers.map(server => server.id)) }))
  if (claimed) return { error: claimed }
  const membership = (server: NewPool['servers'][number]): Membership => ({ serverId: server.id, name: server.name, poolId: item.targetId, owner: parts.farm, roles: server.roles })
  const greeting = (server: NewPool['servers'][number]) => ({ ...server, password: keys.get(server.id) ?? null })
  const met: Met[] = [await recruit(parts, parts.masters.newcomers, greeting(first), membership(first), force, [])]
  if ('error' in met[0]!) return met[0]
  const master = await foundersOf(parts, item)
  for (const server of spec.servers.slice(1)) {
    const one = await recruit(parts, master, greeting(server), membership(server), force, met)
    met.push(one)
    if (!('error' in one)) continue
    await letGo(master, { ...spec, servers: spec.servers.slice(0, met.length - 1) })
    return one
  }
  const root = await answered(() => parts.masters.newcomers.makeRoot(greeting(first), { repoId: spec.repoId, uuid: spec.uuid, poolId: item.targetId, storage: spec.storage }))
  if ('refusal' in root) {
    await letGo(master, spec)
    return { error: root.refusal.fault }
  }
  const undone = async () => {
    await master.wipe(first.id, item.targetId)
    await letGo(master, spec)
  }
  return { servers: met as Extract<Met, { facts: unknown }>[], root: root.value, letGo: undone }
}

/** Nothing came of it: the servers are nobody's again. */
async function letGo(master: PoolAgent, spec: NewPool): Promise<void> {
  await master.enrol(spec.servers.map(server => ({ serverId: server.id, membership: null })))
}

/** What others took since the request was checked. */
async function takenSince(tx: Transaction, name: string, spec: NewPool): Promise<Fault | null> {
  try {
    await checkPoolName(tx, name)
    for (const server of spec.servers) {
      const fault = await takenFault(tx, server.name, server.address)
      if (fault) return fault
    }
    if (spec.virtualIp !== null) await checkVirtualIp(tx, spec.virtualIp, null, [])
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.fault
    throw error
  }
}

async function write(tx: Transaction, item: ItemRecord, spec: NewPool, { servers, root }: Exclude<Founded, { error: Fault }>): Promise<ActEnd> {
  const [first] = spec.servers
  const shape = { name: item.name, storage: spec.storage, ha: spec.ha, virtualIp: spec.virtualIp }
  await tx.insert(poolTable, [{ id: item.targetId, name: item.name, name_key: naturalKey(item.name), master_id: first!.id, virtual_ip: spec.virtualIp, ha: Number(spec.ha), storage: spec.storage, owner: 'self' }])
  await tx.insert(serverTable, spec.servers.map((server, at) => serverRow(server.id, server.name, item.targetId, server.roles, servers[at]!.facts)))
  await tx.insert(repoTable, [{
    id: spec.repoId, pool_id: item.targetId, kind: kindOfDevice(root.device, spec.storage), device: root.device, uuid: spec.uuid, root: 1, qos: null, size_mib: root.sizeMiB,
    mount_point: mountPointOf(root.release, spec.uuid, true), state: 'active',
  }])
  await changeMemberships(tx)
  const taken = servers.flatMap(({ takenFrom }, at) => (takenFrom === null ? [] : [`; ${spec.servers[at]!.name} was taken from ${takenFrom}`]))
  const known = spec.servers.map((server, at) => ({ ...servers[at]!.facts, name: server.name }))
  return {
    result: 'done', error: null, state: 'active', event: `pool ${item.name} created: ${spec.storage} storage, master ${first!.name}${spec.servers.length > 1 ? `, with ${spec.servers.slice(1).map(server => server.name).join(', ')}` : ''}${taken.join('')}`,
    change: { before: {}, after: { ...shape, master: first!.name, servers: spec.servers.map(server => server.name) } },
    warnings: [...known.slice(1).map(server => cpuWarning(server, known.slice(0, 1))), softLimitWarning(shape, spec.servers.length)].filter(text => text !== null),
  }
}

/** The name of a new pool, if it can have it. @throws Refusal usage.name, pool.exists */
export async function checkPoolName(reader: Reader, name: string): Promise<string> {
  checkName(name, 'pool')
  const there = await reader.select({ id: 'id' }, 'from pool where name = ?', [name])
  if (there.length > 0) throw new Refusal('pool.exists', `there is a pool ${name} already`, 'choose another name: pool list shows what there is')
  return name
}

/** A virtual IP that a pool can have. @throws Refusal usage.argument, server.exists */
export async function checkVirtualIp(reader: Reader, address: string, poolId: string | null, servers: readonly { address: string }[]): Promise<void> {
  if (!isIpAddress(address)) throw new Refusal('usage.argument', `${JSON.stringify(address.slice(0, 80))} is no virtual IP`, 'write a free IPv4 address such as 10.3.0.250')
  if (servers.some(server => server.address === address)) throw new Refusal('server.exists', `${address} is the address of a server`, 'a virtual IP is an address of its own')
  const own = await reader.select({ id: 'id' }, 'from pool where virtual_ip = ? and id = ?', [address, poolId])
  const fault = own.length > 0 ? null : await takenFault(reader, null, address)
  if (fault) throw Refusal.from(fault)
}

/** Which field of the request a refusal is about: whoever asks for one after the other can say so. */
async function inField<T>(field: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(error.code, error.message, error.hint, { field }) : error
  }
}

function missing(field: string, message: string, hint: string): Refusal {
  return new Refusal('usage.argument', message, hint, { field })
}
