import type { GuestFacts, ServerFacts } from '../../host/ports.js'
import type { ServerState } from '../../model/object-states.js'
import { serverStateOf } from '../../model/server-states.js'
import type { VmState } from '../../model/vm-states.js'
import type { Reader, Row, Transaction } from '../../store/store.js'
import { failedEnd, type Act, type ActEnd } from '../acts.js'
import { inspectGuests } from '../pool-channel.js'
import { reportedRow } from '../reported.js'
import type { ItemRecord } from '../run-records.js'
import { poolTable, serverTable, vmTable } from '../schema.js'
import { agrees, hear, membershipOf, type Heard } from './members.js'
import { goneFault, loadRecordedPools, poolStates, type RecordedPool, type RecordedServer } from './recorded.js'

/** How servers and guests of pools are recorded at a moment, by id, and what is just being changed. */
interface Moment { guests: { id: string; poolId: string }[]; states: ReadonlyMap<string, string>; leased: ReadonlySet<string> }

/** What the servers of pools report of themselves and of the guests, and how these were recorded when they were asked. */
interface Report { heard: Map<string, Heard>; guests: ReadonlyMap<string, GuestFacts>; owner: string; before: Moment }

/** Brings the records of pools to what their servers report (2.2: refreshServerPool): hardware, agents, guests, and whose the pool is. */
export const refreshAct: Act<Report> = {
  async prepare(parts, _run, items) {
    const { pools, before } = await parts.store.read(async reader => {
      const recorded = [...(await loadRecordedPools(reader, items.map(item => item.targetId))).values()]
      return { pools: recorded, before: await momentOf(reader, recorded.map(pool => pool.id)) }
    })
    const heard = new Map(await Promise.all(pools.map(async pool => [pool.id, await hear(parts, pool)] as const)))
    return { heard, guests: await inspectGuests(parts, before.guests), owner: parts.farm, before }
  },
  async carryOut(tx, { items, prepared }) {
    const pools = await loadRecordedPools(tx, items.map(item => item.targetId))
    const ends: ActEnd[] = []
    for (const item of items) ends.push(await refresh(tx, item, pools.get(item.targetId), prepared))
    const states = await poolStates(tx, items.map(item => item.targetId))
    return ends.map((end, at) => ({ ...end, state: states.get(items[at]!.targetId) ?? null }))
  },
}

async function momentOf(reader: Reader, poolIds: readonly string[]): Promise<Moment> {
  const rows = await reader.select<{ id: string; poolId: string; state: string; isGuest: number }>({ id: 'id', poolId: 'pool_id', state: 'state', isGuest: 'guest' },
    `from (select id, pool_id, state || ' ' || coalesce(server_id, '') as state, 1 as guest from vm union all select id, pool_id, state, 0 from server) where pool_id in (select value from json_each(?))`, [JSON.stringify(poolIds)])
  const leased = await reader.select<{ lease: string }>({ lease: 'lease' }, 'from item where lease is not null')
  return { guests: rows.filter(row => row.isGuest === 1), states: new Map(rows.map(row => [row.id, row.state])), leased: new Set(leased.map(row => row.lease)) }
}

/** What somebody is changing, or has changed since the servers were asked: of that they told how it was. */
function changing(before: Moment, now: Moment): ReadonlySet<string> {
  return new Set([...before.leased, ...now.leased, ...[...now.states].filter(([id, state]) => before.states.get(id) !== state).map(([id]) => id)])
}

async function refresh(tx: Transaction, item: ItemRecord, pool: RecordedPool | undefined, { heard, guests, owner, before: then }: Report): Promise<ActEnd> {
  const said = heard.get(item.targetId)
  if (!pool || !said) return failedEnd(goneFault(item), null)
  if ('fault' in said) return failedEnd(said.fault, null)
  const before: Record<string, unknown> = {}
  const after: Record<string, unknown> = {}
  const note = (name: string, was: unknown, is: unknown) => { before[name] = was; after[name] = is }
  const busy = changing(then, await momentOf(tx, [pool.id]))
  for (const server of pool.servers) {
    const row = busy.has(server.id) ? null : serverRowOf(server, said.facts.get(server.id))
    if (!row) continue
    await tx.update(serverTable, [{ id: server.id, ...row }])
    note(`server ${server.name}`, Object.fromEntries(Object.keys(row).map(column => [column, recordedRow(server)[column]])), row)
  }
  const told = await recordGuests(tx, pool, guests, busy)
  for (const { name, was, is } of told) note(`guest ${name}`, was, is)
  const ownerNow = ownerOf(pool, said, owner)
  if (ownerNow !== pool.owner) {
    await tx.update(poolTable, [{ id: pool.id, owner: ownerNow }])
    note('owner', pool.owner, ownerNow)
  }
  const changed = Object.keys(after)
  const warnings = warningsOf(pool, said, owner)
  if (changed.length === 0) return { result: 'unchanged', error: null, state: null, warnings }
  return { result: 'done', error: null, state: null, event: `pool ${pool.name} refreshed: ${changed.slice(0, 10).join(', ')}${changed.length > 10 ? ` and ${changed.length - 10} more` : ''}`, change: { before, after }, warnings }
}

/** Columns of a server that its agent can tell. */
function recordedRow(server: RecordedServer): Row {
  return {
    address: server.address, state: server.state, cpu_model: server.cpuModel, cpu_family: server.cpuFamily, cores: server.cores, memory_mib: server.memoryMiB, hvm: server.hvm, agent_version: server.agentVersion, agent_state: server.agentState, release: server.release,
  }
}

/** Those that are otherwise than recorded; null: none is. */
function serverRowOf(server: RecordedServer, facts: ServerFacts | undefined): Row | null {
  const now: Row = facts
    ? { address: facts.address, state: serverStateOf('on', server.maintenance === 1), cpu_model: facts.cpuModel, cpu_family: facts.cpuFamily, cores: facts.cores, memory_mib: facts.memoryMiB, hvm: Number(facts.hvm), agent_version: facts.agentVersion, agent_state: 'running', release: facts.release }
    : { state: unheard(server.state), agent_state: 'unreachable' }
  const was = recordedRow(server)
  const changed = Object.entries(now).filter(([column, value]) => was[column] !== value)
  return changed.length === 0 ? null : Object.fromEntries(changed)
}

/** The state of a server that does not answer: what was down stays what it was. */
function unheard(state: ServerState): ServerState {
  return state === 'active' || state === 'maintenance' ? 'unreachable' : state
}

async function recordGuests(tx: Transaction, pool: RecordedPool, facts: ReadonlyMap<string, GuestFacts>, busy: ReadonlySet<string>): Promise<{ name: string; was: VmState; is: VmState }[]> {
  const rows = await tx.select<{ id: string; name: string; state: VmState; serverId: string | null }>({ id: 'id', name: 'name', state: 'state', serverId: 'server_id' }, 'from vm where pool_id = ? order by name_key', [pool.id])
  const odd = rows.filter(({ id, state, serverId }) => !busy.has(id) && facts.has(id) && (facts.get(id)!.state !== state || facts.get(id)!.serverId !== serverId))
  await tx.update(vmTable, odd.map(({ id }) => reportedRow(id, facts.get(id)!)))
  return odd.map(({ id, name, state }) => ({ name, was: state, is: facts.get(id)!.state }))
}

/** Whose a pool is, as its master says: another manager may have taken it. */
function ownerOf(pool: RecordedPool, heard: Exclude<Heard, { fault: unknown }>, self: string): string {
  const said = pool.masterId === null ? null : (heard.facts.get(pool.masterId)?.owner ?? null)
  return said === null ? pool.owner : said === self ? 'self' : said
}

function warningsOf(pool: RecordedPool, heard: Exclude<Heard, { fault: unknown }>, self: string): string[] {
  return pool.servers.flatMap(server => {
    const facts = heard.facts.get(server.id)
    if (!facts) return [`server ${server.name} does not answer`]
    if (facts.owner !== null && facts.owner !== self) return [`server ${server.name} belongs to ${facts.owner}: pool restore ${pool.name} --force takes it back`]
    return agrees(facts, membershipOf(pool, server.id, self)) ? [] : [`server ${server.name} does not know what it is in pool ${pool.name}: pool restore ${pool.name} tells it`]
  })
}
