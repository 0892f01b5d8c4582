import type { PoolAgent } from '../../agent/protocol.js'
import { addServerDetails } from '../../contract/details/pools.js'
import { validate } from '../../contract/requests.js'
import { Refusal, type Fault } from '../../model/errors.js'
import { serverRoles, type ServerRole } from '../../model/object-states.js'
import { cpuWarning, localFault, missingRoles, orderedRoles, ownedFault, softLimitWarning } from '../../model/server-pools.js'
import type { Transaction } from '../../store/store.js'
import { failedEnd, type Act, type ActEnd } from '../acts.js'
import { poolFor } from '../files/new-names.js'
import type { Maker } from '../making.js'
import { changeMemberships } from '../memberships.js'
import type { Parts } from '../parts.js'
import { takeIds, type ItemRecord, type RunRecord } from '../run-records.js'
import { agentKeyTable, poolTable, serverTable } from '../schema.js'
import { agentKeys, checkNewServers, claimedFault, forgetKeys, recruit, serverRow, takenFault, type Met } from './newcomers.js'
import { goneFault, loadRecordedPools, masterFault, masterOf, type RecordedPool, type RecordedServer } from './recorded.js'

/** A server that is to join a pool. Roles null: it runs guests, and has whatever role nobody has yet. */
interface Joiner { address: string; roles: ServerRole[] | null }

/** `pool add-server`. */
export const addServerMaker: Maker = {
  async plan(reader, caller, request) {
    const { pool: wanted, servers, password, roles } = validate(addServerDetails, request.options.details)
    const pool = await poolFor(reader, caller, 'pool.add-server', wanted)
    if (servers.length === 0) throw new Refusal('usage.argument', 'no server was named', 'pool add-server POOL NAME --address ADDRESS')
    return (await checkNewServers(reader, servers)).map(({ name, address }) => ({
      id: null, name, poolId: pool.id, pool: pool.name, state: null, sourceId: null, spec: { address, roles: roles && orderedRoles(roles) } satisfies Joiner, ...(password === null ? {} : { secret: password }),
    }))
  },
  async complete(tx, targets) {
    const ids = await takeIds(tx, 'server', targets.length)
    targets.forEach((target, at) => { target.id = ids[at]! })
    await tx.insert(agentKeyTable, targets.flatMap(target => (target.secret === undefined ? [] : [{ server_id: target.id, password: target.secret }])))
  },
}

/** How servers were met, which of them are members now, by id, and who can let them go again. */
interface Joined { met: Met[]; joined: string[]; letGo: (serverIds: readonly string[]) => Promise<unknown> }

/** Adds servers to a pool: the master meets and enlists them; into one that is empty the first goes by itself, and becomes its master. */
export const addServerAct: Act<Joined> = {
  async prepare(parts, run, items) {
    const pool = (await parts.store.read(reader => loadRecordedPools(reader, items.map(item => item.poolId)))).get(items[0]?.poolId ?? '')
    if (!pool) return nobody(items, goneFault({ name: items[0]?.pool ?? '' }))
    const joining = items.map(item => ({ id: item.targetId, name: item.name }))
    const claimed = await parts.store.read(reader => claimedFault(reader, run, items.map(item => ({ name: item.name, address: (item.spec as Joiner).address }))))
    if (claimed) return nobody(items, claimed)
    const master = masterFault(pool) ? null : await parts.masters.under(pool.id, masterOf(pool) ?? joining[0]!, joining)
    const met = await recruitAll(parts, run, items, pool, master)
    return { met, joined: items.filter((_, at) => 'facts' in met[at]!).map(item => item.targetId), letGo: async ids => master?.enrol(ids.map(serverId => ({ serverId, membership: null }))) }
  },
  async carryOut(tx, { items, prepared }) {
    const ends: ActEnd[] = []
    for (const [at, item] of items.entries()) ends.push(await write(tx, item, prepared.met[at]!))
    await forgetKeys(tx, items.filter((_, at) => ends[at]!.error !== null).map(item => item.targetId))
    if (ends.some(end => end.error === null)) await changeMemberships(tx)
    return ends
  },
  async after(_parts, { items, prepared: { joined, letGo } }, ends) {
    const inVain = items.filter((item, at) => ends[at]!.error !== null && joined.includes(item.targetId)).map(item => item.targetId)
    if (inVain.length > 0) await letGo(inVain)
  },
  takeBack: async (_parts, { joined, letGo }) => void (await letGo(joined)),
}

/** None of the servers was asked. */
function nobody(items: readonly ItemRecord[], error: Fault): Joined {
  return { met: items.map(() => ({ error })), joined: [], letGo: async () => {} }
}

/** Meets and enlists one server after the other, by the rules of the pool as it is with those before. */
async function recruitAll(parts: Parts, run: RunRecord, items: readonly ItemRecord[], pool: RecordedPool, master: PoolAgent | null): Promise<Met[]> {
  const keys = await parts.store.read(reader => agentKeys(reader, items.map(item => item.targetId)))
  const members: Member[] = [...pool.servers]
  const met: Met[] = []
  for (const item of items) {
    const spec = item.spec as Joiner
    const roles = rolesOf(spec, members)
    const error = joinFault(pool, members, spec)
    const by = members.length === 0 ? parts.masters.newcomers : master!
    const membership = { serverId: item.targetId, name: item.name, poolId: pool.id, owner: parts.farm, roles }
    const one = error ? { error } : await recruit(parts, by, { name: item.name, address: spec.address, password: keys.get(item.targetId) ?? null }, membership, run.options.force, met)
    met.push(one)
    if ('facts' in one) members.push({ name: item.name, roles })
  }
  return met
}

/** What the rules of joining look at of a member. */
type Member = Pick<RecordedServer, 'name' | 'roles'>

/** What a server is to be in a pool: what was asked, and whatever role nobody there has. */
function rolesOf({ roles }: Joiner, members: readonly Member[]): ServerRole[] {
  return orderedRoles([...(roles ?? ['vm']), ...(members.length === 0 ? serverRoles : missingRoles(members.map(server => server.roles)))])
}

/** Why one more server cannot join; null: it can. */
function joinFault(pool: RecordedPool, members: readonly Member[], { roles }: Joiner): Fault | null {
  const master = members.find(server => server.roles.includes('master'))
  const twoMasters: Fault | null = master && roles?.includes('master')
    ? { code: 'pool.roles', message: `server ${master.name} is the master of pool ${pool.name}, and a pool has one`, hint: `leave the role out; pool master ${pool.name} SERVER moves it`, details: null } : null
  return ownedFault(pool) ?? masterFault(pool) ?? localFault(pool, members.length + 1) ?? twoMasters
}

/** Writes a server that has joined, if the pool can still have it. */
async function write(tx: Transaction, item: ItemRecord, met: Met): Promise<ActEnd> {
  if ('error' in met) return failedEnd(met.error, null)
  const pool = (await loadRecordedPools(tx, [item.poolId])).get(item.poolId)
  if (!pool) return failedEnd(goneFault({ name: item.pool ?? item.poolId }), null)
  const spec = item.spec as Joiner
  const fault = joinFault(pool, pool.servers, spec) ?? (await takenFault(tx, item.name, met.facts.address))
  if (fault) return failedEnd(fault, null)
  const roles = rolesOf(spec, pool.servers)
  await tx.insert(serverTable, [serverRow(item.targetId, item.name, pool.id, roles, met.facts)])
  if (roles.includes('master')) await tx.update(poolTable, [{ id: pool.id, master_id: item.targetId }])
  const taken = met.takenFrom === null ? '' : `, taken from ${met.takenFrom}`
  return {
    result: 'done', error: null, state: 'active', event: `server ${item.name} added to pool ${pool.name} as ${roles.join(', ')}${taken}`,
    change: { before: {}, after: { pool: pool.name, address: met.facts.address, roles } },
    warnings: [cpuWarning({ ...met.facts, name: item.name }, pool.servers), softLimitWarning(pool, pool.servers.length + 1)].filter(text => text !== null),
  }
}
