import type { PoolAgent } from '../../agent/protocol.js'
import type { Fault } from '../../model/errors.js'
import { namesOf } from '../../model/names.js'
import { ownedFault } from '../../model/server-pools.js'
import type { Reader, Transaction } from '../../store/store.js'
import { failedEnd, type Act, type ActEnd } from '../acts.js'
import { leaseFault } from '../launch.js'
import { changeMemberships } from '../memberships.js'
import type { Parts } from '../parts.js'
import { answered } from '../pool-channel.js'
import type { ItemRecord } from '../run-records.js'
import { poolTable, repoTable, resourceTable, serverTable } from '../schema.js'
import { regrant } from './grants.js'
import { forgetKeys } from './newcomers.js'
import { goneFault, loadRecordedPools, masterFault, masterOf, type RecordedPool } from './recorded.js'
import { heldIn } from './remove-server.js'

/** Who speaks for each pool, and its servers, while it is there; none where its master does not answer. */
type Speakers = Map<string, { master: PoolAgent; serverIds: string[] }>

/**
 * Deletes pools that hold nothing which anybody would miss. Templates and ISOs go with their repositories, and the servers are
 * nobody's afterwards.
 */
export const deletePoolAct: Act<Speakers> = {
  async prepare(parts, _run, items) {
    const pools = await parts.store.read(reader => loadRecordedPools(reader, items.map(item => item.targetId)))
    const speakers: Speakers = new Map()
    for (const pool of pools.values()) {
      const master = await speakerOf(parts, pool)
      if (master) speakers.set(pool.id, { master, serverIds: pool.servers.map(server => server.id) })
    }
    return speakers
  },
  async carryOut(tx, { run, items, prepared }) {
    const pools = await loadRecordedPools(tx, items.map(item => item.targetId))
    const ends: ActEnd[] = []
    for (const item of items) {
      const pool = pools.get(item.targetId)
      const fault = pool ? await inTheWay(tx, pool, run.options.force || prepared.has(pool.id)) : goneFault(item)
      ends.push(fault ? failedEnd(fault, pool?.state ?? null) : await remove(tx, item, pool!))
    }
    return ends
  },
  async after(_parts, { items, prepared }, ends) {
    for (const [at, item] of items.entries()) {
      const speaker = prepared.get(item.targetId)
      if (ends[at]!.result !== 'done' || !speaker) continue
      const { master, serverIds } = speaker
      await master.wipe(serverIds[0]!, item.targetId)
      await master.enrol(serverIds.map(serverId => ({ serverId, membership: null })))
    }
  },
}

async function speakerOf(parts: Parts, pool: RecordedPool): Promise<PoolAgent | null> {
  const master = masterOf(pool)
  if (!master) return null
  const agent = await parts.masters.under(pool.id, master)
  return 'value' in (await answered(() => agent.describe([master.id]))) ? agent : null
}

/** Why a pool cannot go; null: it can. */
async function inTheWay(tx: Reader, pool: RecordedPool, heard: boolean): Promise<Fault | null> {
  const owned = ownedFault(pool)
  if (owned) return owned
  const held = await heldIn(tx, pool.id)
  if (held.length > 0) return { code: 'pool.guests', message: `pool ${pool.name} holds ${namesOf(held)}`, hint: 'delete them, or clone the guests into another pool, first', details: { names: held.slice(0, 100), total: held.length } }
  const [work] = await tx.select<{ job: string; operation: ItemRecord['operation'] }>({ job: 'job', operation: 'operation' }, 'from item where lease is not null and pool_id = ? limit 1', [pool.id])
  if (work) return leaseFault(`something in pool ${pool.name}`, work.job, work.operation)
  if (heard || pool.servers.length === 0) return null
  const silent = masterFault(pool)
  return silent ? { ...silent, hint: `${silent.hint}; --force deletes the pool all the same` } : { code: 'agent.unreachable', message: `the master of pool ${pool.name} does not answer, so its servers cannot be told that they are free`, hint: '--force deletes the pool all the same', details: null }
}

async function remove(tx: Transaction, item: ItemRecord, pool: RecordedPool): Promise<ActEnd> {
  const lying = (await tx.select<{ name: string }>({ name: 'name' }, 'from resource where pool_id = ? order by name_key', [pool.id])).map(row => row.name)
  const serverIds = pool.servers.map(server => server.id)
  for (const table of [serverTable, repoTable, resourceTable]) await tx.run(`delete from ${table.name} where pool_id = ?`, [pool.id])
  await tx.remove(poolTable, [{ id: pool.id }])
  await forgetKeys(tx, serverIds)
  await regrant(tx, pool.name, null)
  await changeMemberships(tx)
  const with_ = [...(lying.length > 0 ? [`, with ${namesOf(lying)}`] : []), ...(pool.servers.length > 0 ? [`; ${namesOf(pool.servers.map(server => server.name))} ${pool.servers.length === 1 ? 'is' : 'are'} free`] : [])]
  return {
    result: 'done', error: null, state: null, event: `pool ${item.name} deleted${with_.join('')}`,
    change: { before: { name: pool.name, storage: pool.storage, ha: pool.ha, virtualIp: pool.virtualIp, servers: pool.servers.map(server => server.name) }, after: {} },
  }
}
