import type { PoolAgent } from '../../agent/protocol.js'
import { removeServerDetails } from '../../contract/details/pools.js'
import { noNarrowing, validate } from '../../contract/requests.js'
import { Refusal, type Fault } from '../../model/errors.js'
import { groupBy } from '../../model/group.js'
import { namesOf } from '../../model/names.js'
import { missingRoles, ownedFault } from '../../model/server-pools.js'
import type { Reader, Transaction } from '../../store/store.js'
import { failedEnd, type Act, type ActEnd } from '../acts.js'
import { poolFor } from '../files/new-names.js'
import { leaseFault } from '../launch.js'
import type { Maker } from '../making.js'
import { changeMemberships } from '../memberships.js'
import type { Parts } from '../parts.js'
import { answered } from '../pool-channel.js'
import type { ItemRecord } from '../run-records.js'
import { poolTable, serverTable, vmTable } from '../schema.js'
import { resolveTargets } from '../targets.js'
import { forgetKeys } from './newcomers.js'
import { goneFault, loadRecordedPools, masterFault, masterOf, type RecordedPool, type RecordedServer } from './recorded.js'

/** `pool remove-server`: asked of a pool, done to its servers. */
export const removeServerMaker: Maker = {
  async plan(reader, caller, request) {
    const { pool: wanted, servers } = validate(removeServerDetails, request.options.details)
    const pool = await poolFor(reader, caller, 'pool.remove-server', wanted)
    if (servers.length === 0) throw new Refusal('usage.nothing-selected', 'no server was named', 'pool remove-server POOL SERVER...')
    const targets = await resolveTargets(reader, caller, 'server', { targets: servers, listed: false, all: false, narrowing: noNarrowing, ignoreMissing: false, allowEmpty: false })
    const elsewhere = targets.filter(target => target.poolId !== pool.id).map(target => target.name)
    if (elsewhere.length > 0) throw new Refusal('not-found.server', `pool ${pool.name} has no server ${namesOf(elsewhere)}`, `server list --pool ${pool.name} shows what it has`, { missing: elsewhere })
    return targets.map(target => ({ ...target, spec: {}, sourceId: null }))
  },
}

/** Who speaks for each pool while its servers still are in it, and which of these do not answer. */
interface Leaving { masters: Map<string, PoolAgent>; silent: Set<string> }

/** Removes servers from their pools; they are nobody's afterwards. Of one pool all that leave are looked at together. */
export const removeServerAct: Act<Leaving> = {
  async prepare(parts, _run, items) {
    const pools = await parts.store.read(reader => loadRecordedPools(reader, items.map(item => item.poolId)))
    const masters = new Map<string, PoolAgent>()
    const silent = new Set<string>()
    for (const [poolId, of] of groupBy(items, item => item.poolId)) {
      const heard = await hearFrom(parts, pools.get(poolId), of, masters)
      for (const { targetId } of of) if (!heard.has(targetId)) silent.add(targetId)
    }
    return { masters, silent }
  },
  async carryOut(tx, { run, items, prepared }) {
    const pools = await loadRecordedPools(tx, items.map(item => item.poolId))
    const busy = await inTheWay(tx, items)
    const ends = new Map<string, ActEnd>()
    for (const [poolId, of] of groupBy(items, item => item.poolId)) {
      const pool = pools.get(poolId)
      for (const item of of) {
        const server = pool?.servers.find(one => one.id === item.targetId)
        const silent = prepared.silent.has(item.targetId) && !run.options.force
        const fault = !pool ? goneFault({ name: item.pool ?? poolId }) : !server ? serverGone(item) : (ownedFault(pool) ?? busy.get(item.targetId) ?? (silent ? silentFault(pool, server) : null))
        if (fault) ends.set(item.targetId, failedEnd(fault, server?.state ?? null))
      }
      if (pool) await leave(tx, pool, of.filter(item => !ends.has(item.targetId)), ends)
    }
    return items.map(item => ends.get(item.targetId)!)
  },
  async after(_parts, { items, prepared }, ends) {
    const gone = items.filter((_, at) => ends[at]!.result === 'done')
    for (const [poolId, of] of groupBy(gone, item => item.poolId)) await prepared.masters.get(poolId)?.enrol(of.map(item => ({ serverId: item.targetId, membership: null })))
  },
}

/** Which servers of a pool answer its master; none where there is nobody to ask. */
async function hearFrom(parts: Parts, pool: RecordedPool | undefined, items: readonly ItemRecord[], masters: Map<string, PoolAgent>): Promise<ReadonlySet<string>> {
  if (!pool || !masterOf(pool)) return new Set()
  const master = await parts.masters.under(pool.id, masterOf(pool)!)
  const asked = await answered(() => master.describe(items.map(item => item.targetId)))
  if ('refusal' in asked) return new Set()
  masters.set(pool.id, master)
  return new Set(asked.value.facts.map(fact => fact.serverId!))
}

/** What stands in the way of servers' leaving: guests on them, and work under way. */
async function inTheWay(tx: Reader, items: readonly ItemRecord[]): Promise<Map<string, Fault>> {
  const ids = [JSON.stringify(items.map(item => item.targetId))]
  const guests = groupBy(await tx.select<{ on: string; name: string; state: string }>({ on: 'l.value', name: 'g.name', state: 'g.state' }, 'from json_each(?) l join vm g on g.server_id = l.value or g.target_server_id = l.value order by g.name_key', ids), guest => guest.on)
  const work = new Map((await tx.select<{ on: string; job: string; operation: ItemRecord['operation'] }>({ on: 'l.value', job: 'i.job', operation: 'i.operation' }, 'from json_each(?) l join item i on i.lease is not null and (i.lease = l.value or i.server_id = l.value or i.target_server_id = l.value)', ids)).map(row => [row.on, row]))
  return new Map(items.flatMap(({ targetId, name }): [string, Fault][] => {
    const on = guests.get(targetId)
    const held = work.get(targetId)
    if (on) return [[targetId, { code: 'server.guests', message: `${on.length === 1 ? 'guest' : 'guests'} ${namesOf(on.map(guest => guest.name))} ${on.length === 1 ? 'is' : 'are'} on server ${name}`, hint: `vm migrate --server ${name} --to auto moves them away, vm stop --server ${name} stops them`, details: { guests: on.map(({ name: guest, state }) => ({ name: guest, state })) } }]]
    return held ? [[targetId, leaseFault(`server ${name}`, held.job, held.operation)]] : []
  }))
}

/** Takes servers out of a pool, unless what is left would break its rules. */
async function leave(tx: Transaction, pool: RecordedPool, items: readonly ItemRecord[], ends: Map<string, ActEnd>): Promise<void> {
  const leaving = new Map(items.map(item => [item.targetId, item]))
  const left = pool.servers.filter(server => !leaving.has(server.id))
  if (left.length === 0 && items.length > 0) {
    const files = await localGuests(tx, pool)
    if (files) for (const item of items) ends.set(item.targetId, failedEnd(files, 'active'))
    if (files) return
  }
  const missing = missingRoles(left.map(server => server.roles))
  for (const server of pool.servers) {
    const needed = server.roles.filter(role => missing.includes(role))
    if (!leaving.has(server.id) || needed.length === 0) continue
    const hint = needed.includes('master') ? `pool master ${pool.name} SERVER names another first` : `server update SERVER --roles gives the role to another first`
    ends.set(server.id, failedEnd({ code: 'pool.roles', message: `no other server of pool ${pool.name} has the role ${needed.join(' and ')} of server ${server.name}`, hint, details: { roles: needed } }, server.state))
    leaving.delete(server.id)
  }
  const gone = [...leaving.keys()]
  if (gone.length === 0) return
  await tx.remove(serverTable, gone.map(id => ({ id })))
  if (gone.includes(pool.masterId ?? '')) await tx.update(poolTable, [{ id: pool.id, master_id: null }])
  await forgetKeys(tx, gone)
  await forgetPreferences(tx, gone)
  await changeMemberships(tx)
  for (const item of leaving.values()) {
    const server = pool.servers.find(one => one.id === item.targetId)!
    ends.set(item.targetId, {
      result: 'done', error: null, state: null, event: `server ${server.name} removed from pool ${pool.name}`, change: { before: { pool: pool.name, address: server.address, roles: server.roles }, after: {} },
    })
  }
}

/** Why the last server of a pool with local storage cannot leave: guests and shared disks lie on its disk; null: there are none. */
async function localGuests(tx: Reader, pool: RecordedPool): Promise<Fault | null> {
  if (pool.storage !== 'local') return null
  const held = await heldIn(tx, pool.id)
  return held.length === 0 ? null : { code: 'pool.guests', message: `${namesOf(held)} of pool ${pool.name} would be lost with its only server`, hint: 'delete them, or clone them into another pool, first', details: { names: held } }
}

/** What of a pool nobody would want to lose: its guests, images and shared disks, by name. */
export async function heldIn(tx: Reader, poolId: string): Promise<string[]> {
  const rows = await tx.select<{ name: string }>({ name: 'name' }, `from (select name, name_key, 0 as kind from vm where pool_id = ?1 union all select name, name_key, 1 from resource where pool_id = ?1 and kind in ('image', 'disk')) order by kind, name_key`, [poolId])
  return rows.map(row => row.name)
}

/** Guests prefer no server that is not in their pool. */
async function forgetPreferences(tx: Transaction, serverIds: readonly string[]): Promise<void> {
  const rows = await tx.select<{ id: string; preferred: string }>({ id: 'g.id', preferred: 'g.preferred' }, 'from vm g where g.preferred is not null and exists (select 1 from json_each(g.preferred) p join json_each(?) l on l.value = p.value)', [JSON.stringify(serverIds)])
  await tx.update(vmTable, rows.map(({ id, preferred }) => {
    const kept = (JSON.parse(preferred) as string[]).filter(server => !serverIds.includes(server))
    return { id, preferred: kept.length === 0 ? null : JSON.stringify(kept) }
  }))
}

function serverGone({ name }: ItemRecord): Fault {
  return { code: 'not-found.server', message: `server ${name} is gone`, hint: 'server list shows what there is', details: null }
}

function silentFault(pool: RecordedPool, server: RecordedServer): Fault {
  return masterFault(pool) ?? { code: 'agent.unreachable', message: `the agent of server ${server.name} does not answer, so it cannot be told that it is free`, hint: '--force removes it all the same', details: null }
}
