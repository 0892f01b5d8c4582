import { fieldsOf, kindsWord, kindWords, listFieldNames, type RecordData, type RecordKind } from '../contract/fields.js'
import type { FarmStatus, FarmTopology, Page } from '../contract/manager.js'
import type { ListRequest, ShowRequest } from '../contract/requests.js'
import { Refusal } from '../model/errors.js'
import { groupBy } from '../model/group.js'
import type { PoolState, ServerRole, ServerState } from '../model/object-states.js'
import { formatTime } from '../model/units.js'
import type { VmState } from '../model/vm-states.js'
import { namesOf } from '../model/names.js'
import type { Reader, Selection } from '../store/store.js'
import { visible, visibleDisks, visibleGroups, visiblePeople, visibleRuns, type Caller } from './principal.js'
import { allOf, checkPlaces, narrowed, ordered, type Condition } from './query.js'
import { comeSince, positionNow } from './positions.js'
import { printed, recordSources } from './records.js'
import { within } from './time-window.js'

/** How many records a page carries at most, when the request does not say less. */
const pageSize = 20_000

/** One page of a list. @param nowMs the farm's clock @throws Refusal usage.filter, usage.argument, not-found.pool, not-found.server */
export async function listRecords(reader: Reader, caller: Caller, request: ListRequest, nowMs: number): Promise<Page> {
  const { kind } = request
  const names = columnsOf(kind, request.columns, listFieldNames(kind))
  if (request.cursor === null) await checkPlaces(reader, request.narrowing)
  const { skip, askedAtMs } = request.cursor === null ? { skip: 0, askedAtMs: nowMs } : placeOf(request.cursor)
  const where = allOf([await narrowed(kind, request.narrowing), mayLook(kind, caller), within(kind, request, askedAtMs), ...(typeof request.after === 'string' ? [comeSince(kind, request.after)] : [])])
  const limit = Math.min(pageSize, request.limit ?? pageSize)
  const page = await reader.json(selectionOf(kind, names), shapeOf(kind, names),
    `from ${recordSources[kind].from} where ${where.sql} order by ${ordered(kind, request.sort)} limit ? offset ?`, [...where.params, limit, skip])
  const more = page.count === limit && (request.limit === null || request.limit > limit)
  return { ...page, cursor: more ? `${skip + page.count}@${askedAtMs}` : null, position: request.after === undefined ? null : await positionNow(reader, kind) }
}

/** Where a page begins, and when the first one was asked for: all pages of a list look back from one moment. @throws Refusal usage.request */
function placeOf(cursor: string): { skip: number; askedAtMs: number } {
  const match = /^(\d{1,15})@(-?\d{1,15})$/.exec(cursor)
  if (match) return { skip: Number(match[1]), askedAtMs: Number(match[2]) }
  throw new Refusal('usage.request', `${JSON.stringify(cursor.slice(0, 80))} is no cursor`, 'give the cursor of the page before, or null for the first')
}

/** The ids of records by id, name or pool/name, in the order named; of all that the caller may see when none is. @throws Refusal not-found.*, usage.ambiguous */
export async function idsOf(reader: Reader, caller: Caller, { kind, names }: { kind: RecordKind; names: readonly string[] }): Promise<string[]> {
  const { from, id, order } = recordSources[kind]
  if (names.length > 0) return found(reader, caller, kind, names)
  const where = mayLook(kind, caller)
  return (await reader.select<{ id: string }>({ id }, `from ${from} where ${where.sql} order by ${order.join(', ')}`, where.params)).map(row => row.id)
}

/** @throws Refusal not-found.*, usage.ambiguous */
async function found(reader: Reader, caller: Caller, kind: RecordKind, names: readonly string[]): Promise<string[]> {
  const missing: string[] = []
  const ids: string[] = []
  for (const wanted of names) {
    const [first, ...more] = await lookUp(reader, caller, kind, wanted)
    if (more.length > 0) throw new Refusal('usage.ambiguous', `${wanted} exists in more than one pool: ${[first!, ...more].map(one => `${one.pool}/${wanted}`).join(', ')}`, 'write pool/name')
    if (first) ids.push(first.id)
    else missing.push(wanted)
  }
  if (missing.length > 0) throw new Refusal(`not-found.${kind}`, `no such ${kindWords[kind]}: ${namesOf(missing)}`, `${kind} list shows what there is`, { missing })
  return ids
}

/** Whole records by id, name or pool/name, in the order named. @throws Refusal not-found.*, usage.ambiguous */
export async function showRecords(reader: Reader, caller: Caller, request: ShowRequest): Promise<RecordData[]> {
  const { kind } = request
  const source = recordSources[kind]
  const names = columnsOf(kind, request.columns, Object.keys(fieldsOf(kind)))
  const records: RecordData[] = []
  for (const id of await found(reader, caller, kind, request.names)) {
    const { json } = await reader.json(selectionOf(kind, names), shapeOf(kind, names), `from ${source.from} where ${source.id} = ?`, [id])
    records.push(...(JSON.parse(json) as RecordData[]))
  }
  return records
}

/** Whole records by id, in one query, of those that the caller may see. */
export async function recordsById(reader: Reader, caller: Caller, kind: RecordKind, ids: readonly string[]): Promise<Map<string, RecordData>> {
  const source = recordSources[kind]
  const names = Object.keys(fieldsOf(kind))
  const where = allOf([{ sql: `${source.id} in (select value from json_each(?))`, params: [JSON.stringify(ids)] }, mayLook(kind, caller)])
  const { json } = await reader.json(selectionOf(kind, names), shapeOf(kind, names), `from ${source.from} where ${where.sql}`, where.params)
  return new Map((JSON.parse(json) as RecordData[]).map(record => [String(record['id']), record]))
}

async function lookUp(reader: Reader, caller: Caller, kind: RecordKind, wanted: string): Promise<{ id: string; pool: string }[]> {
  const { from, id, name, poolName, also } = recordSources[kind]
  const slash = wanted.indexOf('/')
  const query = (condition: Condition) => {
    const where = allOf([condition, mayLook(kind, caller)])
    return reader.select<{ id: string; pool: string }>({ id, pool: poolName ?? `''` }, `from ${from} where ${where.sql}`, where.params)
  }
  const byId = await query({ sql: `${id} = ?`, params: [wanted] })
  if (byId.length > 0 || !name) return byId
  if (also !== undefined) {
    const whole = await query({ sql: `${also} = ? or ${name} = ?`, params: [wanted, wanted] })
    if (whole.length > 0 || slash <= 0) return whole
    const rest = wanted.slice(slash + 1)
    return query({ sql: `${name} in (?, ?) and ${poolName!} = ?`, params: [rest, `/${rest}`, wanted.slice(0, slash)] })
  }
  if (slash >= 0 && poolName) return query({ sql: `${name} = ? and ${poolName} = ?`, params: [wanted.slice(slash + 1), wanted.slice(0, slash)] })
  return query({ sql: `${name} = ?`, params: [wanted] })
}

/** The records of a kind that the caller may look at. */
export function mayLook(kind: RecordKind, caller: Caller): Condition {
  switch (kind) {
    case 'vm': return visible(caller)
    case 'run':
    case 'job': return visibleRuns(caller, 'u.user')
    case 'event': return visibleRuns(caller, 'e.user')
    case 'user': return visiblePeople(caller)
    case 'group': return visibleGroups(caller)
    case 'disk': return visibleDisks(caller)
    default: return { sql: '1', params: [] }
  }
}

function columnsOf(kind: RecordKind, wanted: readonly string[] | null, all: string[]): string[] {
  if (wanted === null) return all
  const unknown = wanted.filter(name => !fieldsOf(kind)[name])
  if (unknown.length > 0) throw new Refusal('usage.filter', `${kindsWord(kind)} have no field ${JSON.stringify(unknown[0])}`, `fields: ${Object.keys(fieldsOf(kind)).join(' ')}`)
  return [...wanted]
}

function selectionOf(kind: RecordKind, names: readonly string[]): Selection {
  return Object.fromEntries(names.map(name => [name, recordSources[kind].expressions[name]!]))
}

function shapeOf(kind: RecordKind, names: readonly string[]): Selection {
  return Object.fromEntries(names.map(name => [name, printed(kind, name)]))
}

/** The whole farm in numbers, of what the caller may see. */
export async function readStatus(reader: Reader, caller: Caller, farm: string, nowMs: number): Promise<FarmStatus> {
  const pools = await reader.select<{ name: string; state: string; master: string | null }>({ name: 'p.name', state: recordSources.pool.expressions['state']!, master: 'p.master_id' }, `from ${recordSources.pool.from} order by p.name_key`)
  const servers = await reader.select<{ name: string; state: string; memory: number; free: number }>({ name: 's.name', state: 's.state', memory: 's.memory_mib', free: recordSources.server.expressions['memoryFreeMiB']! }, `from ${recordSources.server.from} order by s.name_key`)
  const see = visible(caller)
  const vms = await reader.select<{ state: string; n: number }>({ state: 'g.state', n: 'count(*)' }, `from ${recordSources.vm.from} where ${see.sql} group by g.state order by g.state`, see.params)
  const degraded = [...pools.filter(pool => pool.state !== 'active').map(pool => `pool ${pool.name} is ${pool.state}`), ...servers.filter(server => server.state !== 'active').map(server => `server ${server.name} is ${server.state}`)]
  const sum = (of: (server: { memory: number; free: number }) => number) => servers.reduce((total, server) => total + of(server), 0)
  return {
    farm, simulated: true, time: formatTime(nowMs), pools: pools.length, servers: tally(servers.map(server => ({ state: server.state, n: 1 })), ['active']), vms: tally(vms, ['running']),
    memoryMiB: sum(server => server.memory), memoryFreeMiB: sum(server => server.free), channels: pools.filter(pool => pool.master !== null).length, degraded,
  }
}

function tally(rows: readonly { state: string; n: number }[], always: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = { total: 0 }
  for (const state of always) counts[state] = 0
  for (const { state, n } of rows) { counts[state] = (counts[state] ?? 0) + n; counts['total']! += n }
  return counts
}

/** What a drawing of the farm shows: pools, their repositories, servers and guests. */
export async function readTopology(reader: Reader, caller: Caller, farm: string): Promise<FarmTopology> {
  const pools = await reader.select<{ id: string; name: string; state: PoolState; storage: 'local' | 'shared'; ha: number; virtualIp: string | null }>(
    { id: 'p.id', name: 'p.name', state: recordSources.pool.expressions['state']!, storage: 'p.storage', ha: 'p.ha', virtualIp: 'p.virtual_ip' }, `from ${recordSources.pool.from} order by p.name_key`)
  const servers = groupBy(await reader.select<{ id: string; poolId: string; name: string; address: string; state: ServerState; roles: string }>({ id: 'id', poolId: 'pool_id', name: 'name', address: 'address', state: 'state', roles: 'roles' }, 'from server order by name_key'), row => row.poolId)
  const repos = groupBy(await reader.select<{ poolId: string; name: string; kind: string; sizeMiB: number }>({ poolId: 'pool_id', name: 'device', kind: 'kind', sizeMiB: 'size_mib' }, 'from repo order by root desc, id'), row => row.poolId)
  const see = visible(caller)
  const vms = await reader.select<{ poolId: string; serverId: string | null; name: string; state: VmState }>({ poolId: 'g.pool_id', serverId: 'g.server_id', name: 'g.name', state: 'g.state' }, `from ${recordSources.vm.from} where ${see.sql} order by g.name_key`, see.params)
  const byServer = groupBy(vms, vm => vm.serverId ?? `elsewhere:${vm.poolId}`)
  const plain = (of: readonly { name: string; state: VmState }[] | undefined) => (of ?? []).map(({ name, state }) => ({ name, state }))
  return {
    farm,
    pools: pools.map(pool => ({
      name: pool.name, state: pool.state, storage: pool.storage, ha: pool.ha === 1, virtualIp: pool.virtualIp, repositories: (repos.get(pool.id) ?? []).map(({ name, kind, sizeMiB }) => ({ name, kind, sizeMiB })),
      servers: (servers.get(pool.id) ?? []).map(server => ({ name: server.name, address: server.address, state: server.state, roles: JSON.parse(server.roles) as ServerRole[], vms: plain(byServer.get(server.id)) })),
      elsewhere: plain(byServer.get(`elsewhere:${pool.id}`)),
    })),
  }
}
