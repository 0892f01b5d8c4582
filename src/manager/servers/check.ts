import type { HealthCheck } from '../../contract/farms.js'
import type { MountedRepository, Survey } from '../../host/ports.js'
import { groupBy } from '../../model/group.js'
import { namesOf } from '../../model/names.js'
import { serverNetworks, type ServerRole, type ServerState } from '../../model/object-states.js'
import { dom0MemoryMiB } from '../../model/placement.js'
import { formatMiB } from '../../model/units.js'
import type { Reader } from '../../store/store.js'
import type { Checker } from '../checks.js'
import type { Parts } from '../parts.js'
import { mountedIn, surveyAll } from '../pool-channel.js'
import { agentKeys } from '../pools/newcomers.js'

/** How far the clock of a server may be from the manager's, in milliseconds: what heartbeats of 2 s bear. */
const clockBearsMs = 2_000

/** A server as it is recorded, with what should run on it, and the releases of the rest of its pool. */
interface Recorded {
  id: string; name: string; poolId: string; pool: string; address: string; state: ServerState; maintenance: number; roles: string; memoryMiB: number; release: string; agentVersion: string; isMaster: number
  /** `busy`: just being changed, so that record and server may differ for now */
  guests: { id: string; name: string; state: string; memoryMiB: number; bridges: string[]; busy: number }[]
  others: { release: string; agentVersion: string }[]
  /** repositories of its pool that are in use */
  repos: { id: string; device: string; mountPoint: string }[]
}

/** What is being told: which check of the server, and how it ended. */
type About = (what: string, result: HealthCheck['result'], message: string, hint?: string | null) => HealthCheck

/** `server check`: a server's power, agent, roles, clock, release, memory, guests and network, recorded and real. */
export const checkServers: Checker = async (parts, ids) => {
  const { servers, keys } = await parts.store.read(async reader => ({ servers: await load(reader, ids), keys: await agentKeys(reader, ids) }))
  const surveys = await surveyAll(parts, servers.map(server => ({ id: server.id, poolId: server.poolId, password: keys.get(server.id) ?? null })))
  const mounts = new Map((await Promise.all([...new Set(servers.map(server => server.poolId))].map(poolId => mountedIn(parts, poolId)))).flat().map(({ serverId, repositories }) => [serverId, repositories]))
  const nowMs = await parts.clock.nowMs()
  return (await Promise.all(servers.map(async server => {
    const mounted = mounts.get(server.id)
    return [...(await checkServer(parts, server, surveys.get(server.id) ?? null, keys.has(server.id), nowMs)), ...(mounted ? [checkMounts(server, mounted)] : [])]
  }))).flat()
}

async function load(reader: Reader, ids: readonly string[]): Promise<Recorded[]> {
  const wanted = [JSON.stringify(ids)]
  const servers = await reader.select<Omit<Recorded, 'guests' | 'others' | 'repos'>>({
    id: 's.id', name: 's.name', poolId: 's.pool_id', pool: 'p.name', address: 's.address', state: 's.state', maintenance: 's.maintenance', roles: 's.roles', memoryMiB: 's.memory_mib', release: 's.release', agentVersion: 's.agent_version', isMaster: 'p.master_id = s.id',
  }, 'from json_each(?) j join server s on s.id = j.value join pool p on p.id = s.pool_id order by j.key', wanted)
  const guests = groupBy(await reader.select<Omit<Recorded['guests'][number], 'bridges'> & { serverId: string; nics: string | null }>({
    id: 'g.id', name: 'g.name', state: 'g.state', memoryMiB: 'g.memory_mib', serverId: 'g.server_id', busy: 'exists (select 1 from item i where i.lease = g.id)', nics: `(select json_extract(d.details, '$.nics') from vm_detail d where d.vm_id = g.id)`,
  }, 'from vm g where g.server_id in (select value from json_each(?)) order by g.name_key', wanted), guest => guest.serverId)
  const pools = groupBy(await reader.select<{ id: string; poolId: string; release: string; agentVersion: string }>({ id: 'id', poolId: 'pool_id', release: 'release', agentVersion: 'agent_version' }, 'from server where pool_id in (select value from json_each(?))', [JSON.stringify(servers.map(server => server.poolId))]), server => server.poolId)
  const repos = groupBy(await reader.select<{ id: string; device: string; mountPoint: string; poolId: string }>({ id: 'id', device: 'device', mountPoint: 'mount_point', poolId: 'pool_id' }, `from repo where state = 'active' and pool_id in (select value from json_each(?)) order by root desc, device`, [JSON.stringify(servers.map(server => server.poolId))]), repo => repo.poolId)
  return servers.map(server => ({
    ...server, repos: repos.get(server.poolId) ?? [], others: (pools.get(server.poolId) ?? []).filter(one => one.id !== server.id),
    guests: (guests.get(server.id) ?? []).map(({ nics, ...guest }) => ({ ...guest, bridges: (JSON.parse(nics ?? '[]') as { bridge: string }[]).map(nic => nic.bridge) })),
  }))
}

async function checkServer(parts: Parts, server: Recorded, survey: Survey | null, hasKey: boolean, nowMs: number): Promise<HealthCheck[]> {
  const about: About = (what, result, message, hint = null) => ({ check: `server ${server.name} ${what}`, result, message, hint })
  const port = parts.masters.power(server.id)
  const power = await port.status()
  if (power !== 'on') return [about('power', 'warning', power === 'off' ? 'it is off' : 'it is booting', power === 'off' ? `server start ${server.name}` : 'wait until it is up'), checkRoles(server, null, about)]
  const on = about('power', 'ok', 'it is on')
  if (!survey) return [on, silent(server, await port.agent(), about), checkRoles(server, null, about)]
  return [
    on, about('agent', 'ok', `it answers at ${server.address}`), checkPassword(server, survey, hasKey, about), checkVersion(server, survey, about), checkRelease(server, survey, about), checkRoles(server, survey, about),
    checkClock(survey, nowMs, about), checkMemory(server, survey, about), checkGuests(server, survey, about), ...checkNetwork(server, survey, about),
  ]
}

function silent(server: Recorded, agent: 'running' | 'stopped', about: About): HealthCheck {
  if (agent === 'stopped') return about('agent', 'error', 'it is stopped: guests run on, and nothing can be changed', `agent start ${server.name}`)
  return about('agent', 'error', `it runs, and does not answer at ${server.address}${server.isMaster ? '' : `: it, or the master of pool ${server.pool}`}`, `agent restart ${server.name}`)
}

function checkPassword(server: Recorded, { password }: Survey, hasKey: boolean, about: About): HealthCheck {
  switch (password) {
    case 'any': return about('password', 'warning', hasKey ? 'the agent wants none, though one is recorded' : 'the agent wants none', `agent configure ${server.name} --password-file FILE sets one`)
    case 'taken': return about('password', 'ok', 'the agent takes the one that is recorded')
    case 'also-former': return about('password', 'warning', 'the agent takes a former one as well as the one that is recorded', 'the next change of anything on the farm ends that')
    case 'refused': return about('password', 'error', hasKey ? 'the agent does not take the one that is recorded' : 'the agent wants one, and none is recorded', `agent configure ${server.name} --password-file FILE --old-password-file FILE`)
  }
}

function checkVersion(server: Recorded, { facts }: Survey, about: About): HealthCheck {
  const others = [...new Set(server.others.map(one => one.agentVersion))].filter(version => version !== facts.agentVersion)
  if (facts.agentVersion !== server.agentVersion) return about('version', 'warning', `its agent is ${facts.agentVersion}, recorded as ${server.agentVersion}`, `pool refresh ${server.pool} records it`)
  if (others.length > 0) return about('version', 'warning', `its agent is ${facts.agentVersion}, in the rest of pool ${server.pool} ${others.join(', ')}`, 'agents of one pool are to be of one version')
  return about('version', 'ok', `its agent is ${facts.agentVersion}`)
}

function checkRelease(server: Recorded, { facts }: Survey, about: About): HealthCheck {
  const others = [...new Set(server.others.map(one => one.release))].filter(release => release !== facts.release)
  if (facts.release !== server.release) return about('release', 'warning', `it runs ${facts.release}, recorded as ${server.release}`, `pool refresh ${server.pool} records it`)
  if (others.length > 0) return about('release', 'warning', `it runs ${facts.release}, the rest of pool ${server.pool} ${others.join(', ')}`, 'servers of one pool are to run one release')
  return about('release', 'ok', `it runs ${facts.release}`)
}

function checkRoles(server: Recorded, survey: Survey | null, about: About): HealthCheck {
  const roles = JSON.parse(server.roles) as ServerRole[]
  if (roles.includes('master') !== (server.isMaster === 1)) return about('roles', 'error', server.isMaster ? `it is the master of pool ${server.pool} without the role` : `it has the role of a master, and pool ${server.pool} has another`, `pool master ${server.pool} SERVER sets it right`)
  if (survey && [...survey.roles].sort().join() !== [...roles].sort().join()) return about('roles', 'error', `its agent has ${survey.roles.join(', ') || 'none'}, recorded are ${roles.join(', ')}`, `pool refresh ${server.pool} tells it`)
  return about('roles', 'ok', roles.join(', '))
}

function checkClock({ clockMs }: Survey, nowMs: number, about: About): HealthCheck {
  const skewMs = clockMs - nowMs
  if (Math.abs(skewMs) <= clockBearsMs) return about('clock', 'ok', 'it agrees with the manager')
  return about('clock', 'error', `it is ${Math.abs(skewMs) / 1_000} s ${skewMs > 0 ? 'ahead of' : 'behind'} the manager`, 'let it follow a time server (ntpd)')
}

function checkMemory(server: Recorded, { domains, facts }: Survey, about: About): HealthCheck {
  const usedMiB = domains.reduce((sum, domain) => sum + domain.memoryMiB, dom0MemoryMiB)
  if (facts.memoryMiB !== server.memoryMiB) return about('memory', 'warning', `it has ${formatMiB(facts.memoryMiB)}, recorded are ${formatMiB(server.memoryMiB)}`, `pool refresh ${server.pool} records it`)
  if (usedMiB > facts.memoryMiB) return about('memory', 'error', `${formatMiB(usedMiB)} of ${formatMiB(facts.memoryMiB)} are taken`, `vm migrate --server ${server.name} --to auto`)
  return about('memory', 'ok', `${formatMiB(usedMiB)} of ${formatMiB(facts.memoryMiB)} are taken`)
}

function checkMounts(server: Recorded, mounted: readonly MountedRepository[]): HealthCheck {
  const has = new Map(mounted.map(one => [one.id, one]))
  const missing = server.repos.filter(repo => has.get(repo.id)?.mountPoint !== repo.mountPoint).map(repo => repo.device)
  const check = `server ${server.name} repositories`
  if (missing.length > 0) return { check, result: 'error', message: `not mounted where they are recorded: ${namesOf(missing)}`, hint: `repo check tells more; server restart ${server.name} mounts what belongs to the pool` }
  return { check, result: 'ok', message: `${mounted.length} mounted: ${namesOf(server.repos.map(repo => repo.device))}`, hint: null }
}

/** Counted, and not named: who may look at servers need not see the guests of others. */
function checkGuests(server: Recorded, { domains }: Survey, about: About): HealthCheck {
  const real = new Map(domains.map(domain => [domain.vmId, domain.state as string]))
  const settled = server.guests.filter(guest => guest.busy === 0)
  const missing = settled.filter(guest => !real.has(guest.id))
  const other = settled.filter(guest => real.has(guest.id) && real.get(guest.id) !== guest.state)
  const known = new Set(server.guests.map(guest => guest.id))
  const unknown = domains.filter(domain => !known.has(domain.vmId) && domain.state !== 'migrating')
  const odd = [...(missing.length > 0 ? [`${missing.length} recorded here ${missing.length === 1 ? 'does' : 'do'} not run here`] : []), ...(other.length > 0 ? [`${other.length} ${other.length === 1 ? 'is' : 'are'} in another state than recorded`] : []), ...(unknown.length > 0 ? [`${unknown.length} ${unknown.length === 1 ? 'runs' : 'run'} here that ${unknown.length === 1 ? 'is' : 'are'} not recorded here`] : [])]
  if (odd.length > 0) return about('guests', 'error', `of ${Math.max(server.guests.length, domains.length)} guests ${odd.join(', ')}`, unknown.length > 0 ? `vm reset-status --pool ${server.pool}` : `vm reset-status --server ${server.name}`)
  return about('guests', 'ok', `${domains.length} ${domains.length === 1 ? 'is' : 'are'} there as recorded`)
}

function checkNetwork(server: Recorded, { nics, facts }: Survey, about: About): HealthCheck[] {
  const without = serverNetworks.filter(network => !nics.some(nic => nic.networks.includes(network)))
  const bridges = new Set(nics.map(nic => nic.bridge))
  const lost = [...new Set(server.guests.flatMap(guest => guest.bridges))].filter(bridge => !bridges.has(bridge))
  const carried = serverNetworks.map(network => `${network} on ${nics.find(nic => nic.networks.includes(network))?.bridge ?? 'none'}`).join(', ')
  return [
    facts.address === server.address ? about('address', 'ok', server.address) : about('address', 'error', `it has ${facts.address}, recorded is ${server.address}`, `pool refresh ${server.pool} records it`),
    without.length === 0 ? about('network', 'ok', carried) : about('network', 'error', `no card carries ${without.join(', ')}`, `server network ${server.name} shows what there is`),
    lost.length === 0 ? about('bridges', 'ok', [...bridges].join(', ')) : about('bridges', 'error', `guests there want ${lost.join(', ')}, and it has ${[...bridges].join(', ')}`, `server network ${server.name} shows what there is`),
  ]
}
