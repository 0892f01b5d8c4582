import { masterDetails } from '../../contract/details/pools.js'
import { validate } from '../../contract/requests.js'
import type { Fault } from '../../model/errors.js'
import { orderedRoles, ownedFault } from '../../model/server-pools.js'
import { askedOf, failedEnd, type Act, type ActEnd } from '../acts.js'
import { collect } from '../collect.js'
import { changeMemberships } from '../memberships.js'
import type { Parts } from '../parts.js'
import { answered } from '../pool-channel.js'
import { poolTable, serverTable } from '../schema.js'
import { goneFault, loadRecordedPools, masterOf, poolStates, type RecordedPool, type RecordedServer } from './recorded.js'

/** Who is to be the master of a pool, or why nobody can; null: it has the one that it is to have. */
type Choice = RecordedServer | { fault: Fault } | null

/**
 * Gives pools a master: the server that was named; or, where none is up, the first by name that is (model.md, rule 8). The one
 * before keeps what else it is.
 */
export const masterAct: Act<Choice[]> = {
  check: async (_reader, _caller, { options }) => void validate(masterDetails, options.details),
  async prepare(parts, run, items) {
    const pools = await parts.store.read(reader => loadRecordedPools(reader, items.map(item => item.targetId)))
    return Promise.all(items.map(item => choose(parts, pools.get(item.targetId), validate(masterDetails, askedOf(run, item).details).server, item.name)))
  },
  async carryOut(tx, { run, items, prepared }) {
    const pools = await loadRecordedPools(tx, items.map(item => item.targetId))
    const ends: ActEnd[] = []
    for (const [at, item] of items.entries()) {
      const pool = pools.get(item.targetId)
      const choice = prepared[at]!
      const server = choice && 'id' in choice ? pool?.servers.find(one => one.id === choice.id) : null
      if (!pool) ends.push(failedEnd(goneFault(item), null))
      else if (choice && 'fault' in choice) ends.push(failedEnd(choice.fault, pool.state))
      else if (choice === null || server?.id === pool.masterId) ends.push(alreadySo(pool, run.policy.strict))
      else if (!server) ends.push(failedEnd(notThere(pool, (choice as RecordedServer).name), pool.state))
      else {
        const rows = rolesAfter(pool, server)
        await tx.update(serverTable, rows.map(({ id, roles }) => ({ id, roles: JSON.stringify(roles) })))
        await tx.update(poolTable, [{ id: pool.id, master_id: server.id }])
        await changeMemberships(tx)
        const before = pool.servers.find(one => one.id === pool.masterId)?.name ?? null
        ends.push({ result: 'done', error: null, state: null, event: `server ${server.name} is the master of pool ${pool.name} now${before === null ? '' : `, instead of ${before}`}`, change: { before: { master: before }, after: { master: server.name } } })
      }
    }
    const states = await poolStates(tx, items.map(item => item.targetId))
    return ends.map((end, at) => (end.state === null ? { ...end, state: states.get(items[at]!.targetId) ?? null } : end))
  },
  async after(parts, { items }, ends) {
    const pools = await parts.store.read(reader => loadRecordedPools(reader, items.filter((_, at) => ends[at]!.result === 'done').map(item => item.targetId)))
    for (const pool of pools.values()) {
      const master = await parts.masters.of(pool.id)
      await master.enrol(pool.servers.map(({ id, name, roles }) => ({ serverId: id, membership: { serverId: id, name, poolId: pool.id, owner: parts.farm, roles } })))
    }
    // Those that were hidden by a master that does not answer are seen again by the new one.
    await collect(parts, [...pools.values()].flatMap(pool => pool.servers.filter(server => server.state === 'unreachable').map(server => server.id)))
  },
}

async function choose(parts: Parts, pool: RecordedPool | undefined, wanted: string | null, name: string): Promise<Choice> {
  if (!pool) return { fault: goneFault({ name }) }
  const owned = ownedFault(pool)
  if (owned) return { fault: owned }
  if (wanted === null) return chooseAny(parts, pool)
  const server = pool.servers.find(one => one.id === wanted) ?? pool.servers.find(one => one.name === wanted || `${pool.name}/${one.name}` === wanted)
  if (!server) return { fault: notThere(pool, wanted) }
  if (server.id === pool.masterId) return null
  const fault = await unfit(parts, pool, server)
  return fault ? { fault } : server
}

/** The first that can be: there is none to be chosen where a master is up. */
async function chooseAny(parts: Parts, pool: RecordedPool): Promise<Choice> {
  if (['active', 'maintenance'].includes(masterOf(pool)?.state ?? '')) return null
  for (const server of pool.servers) if (server.id !== pool.masterId && !(await unfit(parts, pool, server))) return server
  return { fault: { code: 'pool.no-master', message: `no server of pool ${pool.name} is up that could be its master`, hint: pool.servers.length === 0 ? `pool add-server ${pool.name} NAME --address ADDRESS` : `server start --pool ${pool.name}`, details: null } }
}

/** Why a server cannot be the master; null: it can. One that is recorded as unreachable may be so only because the master was, through which it was asked: it is asked itself. */
async function unfit(parts: Parts, pool: RecordedPool, server: RecordedServer): Promise<Fault | null> {
  if (server.state !== 'active' && server.state !== 'unreachable') return { code: 'server.state', message: `server ${server.name} is ${server.state}: it cannot be the master`, hint: 'a master has to be active', details: { state: server.state, allowed: ['active'] } }
  const asked = await answered(async () => (await parts.masters.under(pool.id, server)).describe([server.id]))
  return 'refusal' in asked ? asked.refusal.fault : null
}

/** What servers are once one of them is the master. One that was nothing else goes on as one that runs guests. */
function rolesAfter(pool: RecordedPool, master: RecordedServer): Pick<RecordedServer, 'id' | 'roles'>[] {
  return pool.servers.filter(server => server.id === master.id || server.roles.includes('master')).map(({ id, roles }) => {
    if (id === master.id) return { id, roles: orderedRoles([...roles, 'master']) }
    const rest = roles.filter(role => role !== 'master')
    return { id, roles: rest.length === 0 ? ['vm'] : rest }
  })
}

function alreadySo(pool: RecordedPool, strict: boolean): ActEnd {
  const master = pool.servers.find(server => server.id === pool.masterId)!
  const said = `server ${master.name} is the master of pool ${pool.name} already`
  return strict ? failedEnd({ code: 'pool.unchanged', message: said, hint: 'leave out --strict to take that as success', details: null }, pool.state) : { result: 'unchanged', error: null, state: pool.state }
}

function notThere(pool: RecordedPool, server: string): Fault {
  return { code: 'not-found.server', message: `pool ${pool.name} has no server ${server}`, hint: `server list --pool ${pool.name} shows what it has`, details: { missing: [server] } }
}
