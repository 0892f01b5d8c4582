import { failedEnd, type Act, type ActEnd } from '../acts.js'
import type { Parts } from '../parts.js'
import type { RunRecord } from '../run-records.js'
import { poolTable } from '../schema.js'
import { agrees, hear, membershipOf, type Heard } from './members.js'
import { goneFault, loadRecordedPools, type RecordedPool } from './recorded.js'

/** What came of writing the manager's data to the servers of a pool; `forgot` are those that were otherwise. */
type Restored = Heard & { forgot?: string[]; owners?: string[] }

/**
 * Writes what the manager knows of pools back to their servers, of which some were installed anew (2.2:
 * restoreVirtualServerPoolByManagerData). A pool, or a server, that another manager has taken is taken back only by force.
 */
export const restoreAct: Act<Map<string, Restored>> = {
  async prepare(parts, run, items) {
    const pools = await parts.store.read(reader => loadRecordedPools(reader, items.map(item => item.targetId)))
    return new Map(await Promise.all([...pools.values()].map(async pool => [pool.id, await restore(parts, run, pool)] as const)))
  },
  async carryOut(tx, { run, items, prepared }) {
    const pools = await loadRecordedPools(tx, items.map(item => item.targetId))
    const ends: ActEnd[] = []
    for (const item of items) {
      const pool = pools.get(item.targetId)
      const done = prepared.get(item.targetId)
      if (!pool || !done) ends.push(failedEnd(goneFault(item), null))
      else if ('fault' in done) ends.push(failedEnd(done.fault, pool.state))
      else {
        const { forgot = [], owners = [], silent } = done
        const warnings = pool.servers.filter(server => silent.has(server.id)).map(server => `server ${server.name} does not answer: restore the pool again once it does`)
        if (pool.owner !== 'self') await tx.update(poolTable, [{ id: pool.id, owner: 'self' }])
        if (forgot.length === 0 && pool.owner === 'self') {
          ends.push(run.policy.strict ? failedEnd({ code: 'pool.unchanged', message: `the servers of pool ${pool.name} know all that already`, hint: 'leave out --strict to take that as success', details: null }, pool.state) : { result: 'unchanged', error: null, state: pool.state, warnings })
          continue
        }
        const taken = owners.length > 0 ? `, taken from ${owners.join(' and ')}` : ''
        ends.push({ result: 'done', error: null, state: pool.state, event: `pool ${pool.name} restored: ${forgot.join(', ') || 'its owner'}${taken}`, change: { before: { owner: pool.owner }, after: { owner: 'self', servers: forgot } }, warnings })
      }
    }
    return ends
  },
}

async function restore(parts: Parts, run: RunRecord, pool: RecordedPool): Promise<Restored> {
  const heard = await hear(parts, pool)
  if ('fault' in heard) return heard
  const others = [...heard.facts.values()].filter(facts => facts.owner !== null && facts.owner !== parts.farm)
  const owners = [...new Set([...(pool.owner === 'self' ? [] : [pool.owner]), ...others.map(facts => facts.owner!)])]
  if (owners.length > 0 && !run.options.force) {
    return { fault: { code: 'pool.owned', message: `pool ${pool.name} belongs to ${owners.join(' and ')}`, hint: '--force takes it', details: { owners } } }
  }
  const wrong = pool.servers.filter(server => heard.facts.has(server.id) && !agrees(heard.facts.get(server.id)!, membershipOf(pool, server.id, parts.farm)))
  if (wrong.length > 0) await (await parts.masters.of(pool.id)).enrol(wrong.map(server => ({ serverId: server.id, membership: membershipOf(pool, server.id, parts.farm) })))
  return { ...heard, forgot: wrong.map(server => server.name), owners }
}
