import type { HealthCheck } from '../../contract/farms.js'
import { namesOf } from '../../model/names.js'
import { isPlaced, place, takesGuests, vcpusPerCore, type Candidate } from '../../model/placement.js'
import { cpuWarning, haFault, localFault, missingRoles, ownedFault, softLimitWarning, softServerLimit } from '../../model/server-pools.js'
import { formatMiB } from '../../model/units.js'
import type { Reader } from '../../store/store.js'
import type { Parts } from '../parts.js'
import { visible, type Caller } from '../principal.js'
import { recordSources } from '../records.js'
import { loadRecordedPools, masterOf, type RecordedPool, type RecordedServer } from './recorded.js'

/** A guest that runs, as far as its size matters; `seen` is whether the caller may see it. */
interface Running { name: string; seen: boolean; serverId: string; memoryMiB: number; vcpus: number; hvm: boolean }

/** Holds pools against the rules of pools (2.2: checkHAAbility4ServerPoolById, and more); each check is named `POOL WHAT`. Reads what is recorded. */
export function checkPools(parts: Parts, ids: readonly string[], caller: Caller): Promise<HealthCheck[]> {
  return parts.store.read(async reader => {
    const pools = await loadRecordedPools(reader, ids)
    const checks: HealthCheck[] = []
    for (const id of ids) {
      const pool = pools.get(id)
      if (pool) checks.push(...checksOf(pool, await candidatesOf(reader, pool), await runningIn(reader, id, caller)))
    }
    return checks
  })
}

function checksOf(pool: RecordedPool, candidates: readonly Candidate[], running: readonly Running[]): HealthCheck[] {
  return [owner(pool), master(pool), servers(pool), roles(pool), storage(pool), ha(pool), softLimit(pool), cpus(pool), spare(pool, candidates, running)].flatMap(check => (check ? [{ ...check, check: `${pool.name} ${check.check}` }] : []))
}

const ok = (check: string, message: string): HealthCheck => ({ check, result: 'ok', message, hint: null })
const warning = (check: string, message: string, hint: string): HealthCheck => ({ check, result: 'warning', message, hint })
const wrong = (check: string, message: string, hint: string | null): HealthCheck => ({ check, result: 'error', message, hint })

function owner(pool: RecordedPool): HealthCheck {
  const fault = ownedFault(pool)
  return fault ? wrong('owner', fault.message, fault.hint) : ok('owner', 'this manager')
}

function master(pool: RecordedPool): HealthCheck {
  if (pool.servers.length === 0) return warning('master', 'the pool has no servers', `pool add-server ${pool.name} NAME --address ADDRESS`)
  const server = masterOf(pool)
  if (!server) return wrong('master', 'no master is up, so nothing in the pool can change', `pool master ${pool.name} gives it one`)
  if (server.state === 'unreachable') return wrong('master', `${server.name} does not answer`, `pool master ${pool.name} SERVER names another`)
  return ok('master', server.name)
}

function servers({ servers: all }: RecordedPool): HealthCheck | null {
  const down = all.filter(server => !['active', 'maintenance'].includes(server.state))
  if (all.length === 0) return null
  if (down.length > 0) return warning('servers', down.slice(0, 10).map(server => `${server.name} is ${server.state}`).join(', '), `server start ${down[0]!.name}`)
  const kept = all.filter(server => server.state === 'maintenance').map(server => server.name)
  return ok('servers', `${all.length} up${kept.length > 0 ? `, ${namesOf(kept)} in maintenance` : ''}`)
}

function roles({ servers: all }: RecordedPool): HealthCheck | null {
  if (all.length === 0) return null
  const missing = missingRoles(all.filter(isUp).map(server => server.roles))
  const isMissing = all.some(isUp) && missing.length > 0
  return isMissing ? warning('roles', `no server that is up has the role ${missing.join(' or ')}`, 'server update SERVER --roles gives it to one') : ok('roles', all.map(server => `${server.name} ${server.roles.join('+')}`).slice(0, 10).join(', '))
}

function isUp(server: RecordedServer): boolean {
  return server.state === 'active' || server.state === 'maintenance'
}

function storage(pool: RecordedPool): HealthCheck {
  const fault = localFault(pool, pool.servers.length)
  if (fault) return wrong('storage', fault.message, fault.hint)
  if (pool.repoKinds.length === 0) return wrong('storage', 'the pool has no repository, so no guest can be made', `repo add --pool ${pool.name} --device DEVICE`)
  return ok('storage', `${pool.storage}, ${pool.repoKinds.length} ${pool.repoKinds.length === 1 ? 'repository' : 'repositories'}`)
}

/** Whether the pool has HA, has it in order, or could have it. */
function ha(pool: RecordedPool): HealthCheck {
  const fault = haFault({ ...pool, ha: true }, pool.hasSharedRoot)
  if (pool.ha && fault) return wrong('ha', fault.message, fault.hint)
  if (pool.ha && pool.virtualIp === null) return warning('ha', 'on, without a virtual IP: when the master fails nobody takes its place', `pool update ${pool.name} --virtual-ip ADDRESS`)
  if (pool.ha) return ok('ha', `on, virtual IP ${pool.virtualIp!}`)
  if (pool.storage === 'local') return ok('ha', 'off: local storage cannot have it')
  return ok('ha', fault ? `off: ${fault.message}` : `off: pool update ${pool.name} --ha --virtual-ip ADDRESS gives it`)
}

function softLimit(pool: RecordedPool): HealthCheck | null {
  if (!pool.ha) return null
  const message = softLimitWarning(pool, pool.servers.length)
  return message ? warning('soft limit', message, 'make another pool for more servers') : ok('soft limit', `${pool.servers.length} of ${softServerLimit} servers`)
}

function cpus({ servers: all }: RecordedPool): HealthCheck | null {
  const [first] = all
  if (!first || all.length === 1) return null
  const message = cpuWarning(first, all)
  return message ? warning('cpu', message, 'servers of one family and model can migrate guests live') : ok('cpu', `family ${first.cpuFamily} model ${first.cpuModel} on all`)
}

/** "The server pool must have excess CPU and memory capacity to accommodate the CPU and memory requirements of the largest guest running on any pool member at all times" (seed, Live Migration). */
function spare(pool: RecordedPool, candidates: readonly Candidate[], running: readonly Running[]): HealthCheck | null {
  if (pool.servers.length < 2) return null
  const largest = largestOf(running)
  if (largest.length === 0) return ok('spare room', 'nothing runs')
  for (const guest of largest) {
    const found = place(candidates.filter(server => server.id !== guest.serverId), { ...guest, preferredServerIds: [] })
    if (!isPlaced(found)) return warning('spare room', `${guest.seen ? `guest ${guest.name}` : 'a guest'} (${formatMiB(guest.memoryMiB)}, ${guest.vcpus} virtual CPUs) fits on no other server: ${found.message}`, found.hint)
  }
  const [by] = largest
  return ok('spare room', `for the largest guest that runs${by!.seen ? `, ${by!.name}` : ''} (${formatMiB(by!.memoryMiB)}, ${by!.vcpus} virtual CPUs), on another server`)
}

/** The guests of most memory and of most virtual CPUs, each the first by name; of one server after the other. */
function largestOf(running: readonly Running[]): Running[] {
  const most = (size: (guest: Running) => number) => running.reduce<Running | undefined>((best, guest) => (best === undefined || size(guest) > size(best) ? guest : best), undefined)
  return [...new Set([most(guest => guest.memoryMiB), most(guest => guest.vcpus)])].filter(guest => guest !== undefined)
}

async function candidatesOf(reader: Reader, pool: RecordedPool): Promise<Candidate[]> {
  const { expressions, from } = recordSources.server
  const rows = await reader.select<{ id: string; freeMiB: number; vcpusUsed: number }>({ id: 's.id', freeMiB: expressions['memoryFreeMiB']!, vcpusUsed: expressions['vcpusUsed']! }, `from ${from} where s.pool_id = ?`, [pool.id])
  const free = new Map(rows.map(row => [row.id, row]))
  return pool.servers.map((server): Candidate => ({
    id: server.id, name: server.name, state: server.state, runsGuests: server.roles.includes('vm'), hvm: server.hvm === 1, memoryFreeMiB: free.get(server.id)!.freeMiB, vcpusFree: server.cores * vcpusPerCore - free.get(server.id)!.vcpusUsed,
  })).filter(takesGuests)
}

async function runningIn(reader: Reader, poolId: string, caller: Caller): Promise<Running[]> {
  const sees = visible(caller)
  const rows = await reader.select<{ name: string; serverId: string; memoryMiB: number; vcpus: number; type: string; seen: number }>({ name: 'g.name', serverId: 'g.server_id', memoryMiB: 'g.memory_mib', vcpus: 'g.vcpus', type: 'g.type', seen: `coalesce((${sees.sql}), 0)` }, `from vm g join pool p on p.id = g.pool_id where g.pool_id = ? and g.state = 'running' and g.server_id is not null order by g.name_key`, [...sees.params, poolId])
  return rows.map(({ type, seen, ...guest }) => ({ ...guest, seen: seen === 1, hvm: type === 'hvm' }))
}
