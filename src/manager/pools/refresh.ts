import type { GuestFacts, ServerFacts } from '../../host/ports.js'
import type { ServerState } from '../../model/object-states.js'
import { serverStateOf } from '../../model/server-states.js'
import type { VmState } from '../../model/vm-states.js'
import type { Row, Transaction } from '../../store/store.js'
import type { Act, ActEnd } from '../acts.js'
import type { Parts } from '../parts.js'
import { inspectGuests } from '../pool-channel.js'
import { reportedRow } from '../reported.js'
import type { ItemRecord } from '../run-records.js'
import { poolTable, serverTable, vmTable } from '../schema.js'
import { agrees, hear, membershipOf, type Heard } from './members.js'
import { failedEnd, goneFault, loadRecordedPools, poolStates, type RecordedPool, type RecordedServer } from './recorded.js'

/** What the servers of pools report of themselves and of the guests. */
interface Report { heard: Map<string, Heard>; guests: ReadonlyMap<string, GuestFacts>; owner: string }

/** Brings the records of pools to what their servers report (2.2: refreshServerPool): hardware, agents, guests, and whose the pool is. */
export const refreshAct: Act<Report> = {
  async prepare(parts, _run, items) {
    const pools = [...(await parts.store.read(reader => loadRecordedPools(reader, items.map(item => item.targetId)))).values()]
    const heard = new Map(await Promise.all(pools.map(async pool => [pool.id, await hear(parts, pool)] as const)))
    return { heard, guests: await guestsOf(parts, pools), owner: parts.farm }
  },
  async carryOut(tx, { items, prepared }) {
    const pools = await loadRecordedPools(tx, items.map(item => item.targetId))
    const ends: ActEnd[] = []
    for (const item of items) ends.push(await refresh(tx, item, pools.get(item.targetId), prepared))
    const states = await poolStates(tx, items.map(item => item.targetId))
    return ends.map((end, at) => ({ ...end, state: states.get(items[at]!.targetId) ?? null }))
  },
}

async function guestsOf(parts: Parts, pools: readonly RecordedPool[]): Promise<ReadonlyMap<string, GuestFacts>> {
  const guests = await parts.store.read(reader => reader.select<{ id: string; poolId: string }>({ id: 'id', poolId: 'pool_id' }, 'from vm where pool_id in (select value from json_each(?))', [JSON.stringify(pools.map(pool => pool.id))]))
  return inspectGuests(parts, guests)
}

async function refresh(tx: Transaction, item: ItemRecord, pool: RecordedPool | undefined, { heard, guests, owner }: Report): Promise<ActEnd> {
  const said = heard.get(item.targetId)
  if (!pool || !said) return failedEnd(goneFault(item), null)
  if ('fault' in said) return failedEnd(said.fault, null)
  const before: Record<string, unknown> = {}
  const after: Record<string, unknown> = {}
  const note = (name: string, was: unknown, is: unknown) => { before[name] = was; after[name] = is }
  const busy = new Set((await tx.select<{ lease: string }>({ lease: 'lease' }, 'from item where lease is not null')).map(row => row.lease))
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
