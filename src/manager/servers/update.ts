import { updateServerDetails } from '../../contract/details/servers.js'
import { validate } from '../../contract/requests.js'
import { Refusal, type Fault } from '../../model/errors.js'
import { groupBy } from '../../model/group.js'
import { checkName, naturalKey, namesOf } from '../../model/names.js'
import type { ServerRole } from '../../model/object-states.js'
import { missingRoles, orderedRoles } from '../../model/server-pools.js'
import type { Reader, Row } from '../../store/store.js'
import { askedOf, failedEnd, type Act, type ActEnd } from '../acts.js'
import type { Admit } from '../admission.js'
import { changedWords } from '../changed-words.js'
import { fault } from '../launch.js'
import { changeMemberships } from '../memberships.js'
import { enrolAll } from '../pool-channel.js'
import { serverTable } from '../schema.js'
import { updateAlike } from '../write.js'
import { loadServersOf, serverOutOfReach, type RecordedServer } from './recorded.js'

/** What one server is to be; null: as it is. */
interface Wanted { roles: ServerRole[] | null; rename: string | null }

/** Checks a request of `server update`: that something is to be changed, and that one name is for one server. */
export const admitUpdate: Admit = async (reader, _caller, request, targets) => {
  const { roles, rename } = validate(updateServerDetails, request.options.details)
  if (roles === null && rename === null) throw new Refusal('usage.argument', 'nothing is to be changed', 'say what: --roles, --rename')
  if (rename !== null) {
    checkName(rename, 'server')
    if (targets.length > 1) throw new Refusal('usage.argument', `${targets.length} servers cannot have one name`, 'rename them one by one', { names: targets.slice(0, 20).map(target => target.name) })
    const taken = await takenFault(reader, rename, targets[0]?.id ?? '')
    if (taken) throw Refusal.from(taken)
  }
  return { roles: roles && orderedRoles(roles), rename }
}

/**
 * Changes what servers are called, and which roles they have in their pools: whose pool has no master is refused, and so is what
 * would leave a pool without a role, or guests on a server that runs none. A master is made by `pool master` alone.
 */
export const updateServerAct: Act<null> = {
  async carryOut(tx, { run, items }) {
    const servers = await loadServersOf(tx, [...new Set(items.map(item => item.poolId))])
    const rows: Row[] = []
    const ends: ActEnd[] = []
    for (const item of items) {
      const server = servers.get(item.targetId)
      const out = serverOutOfReach(item, server)
      if (out) { ends.push(out); continue }
      const wanted = askedOf(run, item).details as Wanted
      const refusal = await refusedBy(tx, server!, wanted, [...servers.values()])
      if (refusal) { ends.push(failedEnd(refusal, server!.state)); continue }
      const { end, row } = changed(server!, wanted, run.policy.strict)
      ends.push(end)
      if (!row) continue
      rows.push(row)
      Object.assign(server!, { ...(wanted.roles ? { roles: wanted.roles } : {}), name: wanted.rename ?? server!.name })
    }
    await updateAlike(tx, serverTable, rows)
    if (rows.length > 0) await changeMemberships(tx)
    return ends
  },
  // Each agent keeps what its server is in the pool; one that does not answer is told by pool refresh.
  async after(parts, { items }, ends) {
    const ids = items.filter((_, at) => ends[at]!.result === 'done').map(item => item.targetId)
    const servers = await parts.store.read(reader => loadServersOf(reader, items.map(item => item.poolId)))
    // Who has left its pool since is told nothing.
    for (const [poolId, of] of groupBy(ids.flatMap(id => servers.get(id) ?? []), server => server.pool.id)) {
      await enrolAll(parts, poolId, of.map(server => ({ serverId: server.id, membership: { serverId: server.id, name: server.name, poolId, owner: parts.farm, roles: server.roles } })))
    }
  },
}

async function refusedBy(reader: Reader, server: RecordedServer, { roles, rename }: Wanted, all: readonly RecordedServer[]): Promise<Fault | null> {
  const taken = rename === null ? null : await takenFault(reader, rename, server.id)
  if (taken || !roles) return taken
  const { name, pool } = server
  if (roles.includes('master') !== server.isMaster) {
    return server.isMaster ? fault('pool.roles', `server ${name} is the master of pool ${pool.name}, which has one at any time`, `pool master ${pool.name} SERVER makes another server the master`)
      : fault('pool.roles', `server ${name} is not the master of pool ${pool.name}${pool.master === null ? '' : `: ${pool.master} is`}`, `pool master ${pool.name} ${name} makes it the master`)
  }
  if (server.roles.includes('vm') && !roles.includes('vm')) {
    const guests = await reader.select<{ name: string; state: string }>({ name: 'name', state: 'state' }, 'from vm where server_id = ? or target_server_id = ? order by name_key', [server.id, server.id])
    if (guests.length > 0) return fault('server.guests', `${guests.length} ${guests.length === 1 ? 'guest is' : 'guests are'} on server ${name}, which would run none: ${namesOf(guests.map(guest => guest.name))}`, `vm migrate --server ${name} --to auto moves them`, { guests })
  }
  const others = all.filter(one => one.pool.id === pool.id && one.id !== server.id).map(one => one.roles)
  const missing = missingRoles([...others, roles]).filter(role => !missingRoles([...others, server.roles]).includes(role))
  if (missing.length === 0) return null
  return fault('pool.roles', `no other server of pool ${pool.name} has the role ${missing.join(', ')} that ${name} would lose`, `give it to another first: server update SERVER --roles …,${missing[0]!}`, { missing })
}

/** A name that another server has. */
async function takenFault(reader: Reader, name: string, id: string): Promise<Fault | null> {
  const [taken] = await reader.select<{ pool: string }>({ pool: 'p.name' }, 'from server s join pool p on p.id = s.pool_id where s.name = ? and s.id <> ?', [name, id])
  return taken ? fault('server.exists', `there is a server ${name} already, in pool ${taken.pool}`, 'choose another name: server list shows what there is') : null
}

function changed(server: RecordedServer, { roles, rename }: Wanted, strict: boolean): { end: ActEnd; row?: Row } {
  const before: Record<string, unknown> = {}
  const after: Record<string, unknown> = {}
  const row: Row = { id: server.id }
  if (roles && roles.join() !== server.roles.join()) {
    Object.assign(before, { roles: server.roles })
    Object.assign(after, { roles })
    row['roles'] = JSON.stringify(roles)
  }
  if (rename !== null && rename !== server.name) {
    Object.assign(before, { name: server.name })
    Object.assign(after, { name: rename })
    Object.assign(row, { name: rename, name_key: naturalKey(rename) })
  }
  if (Object.keys(after).length === 0) {
    return { end: strict ? failedEnd(fault('server.unchanged', `server ${server.name} is so already`, 'leave out --strict to take that as success'), server.state) : { result: 'unchanged', error: null, state: server.state } }
  }
  return { end: { result: 'done', error: null, state: server.state, event: `server ${server.name} updated: ${changedWords({ before, after })}`, change: { before, after } }, row }
}
