import type { TemplateFacts } from '../../model/guest-defaults.js'
import type { GuestSpec } from '../../model/guest-spec.js'
import type { VmType } from '../../model/object-states.js'
import type { Reader } from '../../store/store.js'
import { loadKnown, type Known } from '../people/known.js'

interface Resource { id: string; name: string; state: string; facts: TemplateFacts }
interface Named { id: string; poolId: string; name: string; other: string | null }

/** What new guests name: each by name, id, or `pool/name`, in their pool. */
export interface Wanted extends Known {
  pool(name: string): { id: string; name: string; ha: boolean } | undefined
  resource(kind: 'template' | 'iso', poolId: string, name: string): Resource | undefined
  repo(poolId: string, name: string): Named | undefined
  server(poolId: string, name: string): Named | undefined
}

/** Looks up all that new guests name at once: ten thousand of them mostly name the same few. */
export async function loadWanted(reader: Reader, guests: readonly GuestSpec[]): Promise<Wanted> {
  const texts = (of: (guest: GuestSpec) => readonly (string | null)[]) => JSON.stringify([...new Set(guests.flatMap(guest => of(guest).flatMap(text => (text === null ? [] : [text, text.slice(text.indexOf('/') + 1)]))))])
  const pools = await reader.select<{ id: string; name: string; ha: number }>({ id: 'id', name: 'name', ha: 'ha' }, 'from pool where id in (select value from json_each(?1)) or name in (select value from json_each(?1))', [texts(guest => [guest.pool])])
  const resources = await reader.select<{ id: string; kind: string; name: string; poolId: string; state: string; type: VmType | null; os: string | null; sizeMiB: number; details: string | null }>(
    { id: 'id', kind: 'kind', name: 'name', poolId: 'pool_id', state: 'state', type: 'type', os: 'os', sizeMiB: 'size_mib', details: 'details' }, `from resource where kind in ('template', 'iso') and (id in (select value from json_each(?1)) or name in (select value from json_each(?1)))`, [texts(guest => [guest.template, guest.iso])])
  const repos = await reader.select<Named>({ id: 'id', poolId: 'pool_id', name: `coalesce(device, '')`, other: 'uuid' }, `from repo where state = 'active'`)
  const servers = await reader.select<Named>({ id: 'id', poolId: 'pool_id', name: 'name', other: 'null' }, 'from server where id in (select value from json_each(?1)) or name in (select value from json_each(?1))', [texts(guest => guest.preferredServers)])
  const poolOf = new Map([...pools.map(pool => [pool.name, pool] as const), ...pools.map(pool => [pool.id, pool] as const)])
  const among = (rows: readonly Named[], poolId: string, wanted: string) => {
    const here = rows.filter(row => row.poolId === poolId)
    const plain = wanted.startsWith(`${pools.find(pool => pool.id === poolId)?.name ?? ''}/`) ? wanted.slice(wanted.indexOf('/') + 1) : wanted
    return here.find(row => row.id === wanted) ?? here.find(row => row.name === wanted || row.other === wanted) ?? here.find(row => row.name === plain)
  }
  const whole = new Map(resources.map(({ type, os, sizeMiB, details, ...rest }) => {
    const kept = JSON.parse(details ?? '{}') as { vcpus?: number; memoryMiB?: number; nics?: { bridge: string; mac: null }[] }
    return [rest.id, { ...rest, facts: { type, os, vcpus: kept.vcpus ?? null, memoryMiB: kept.memoryMiB ?? null, diskMiB: sizeMiB, nics: kept.nics ?? null } }]
  }))
  const byKind = { template: [] as Named[], iso: [] as Named[] }
  for (const { id, kind, name, poolId } of resources) byKind[kind as 'template' | 'iso'].push({ id, poolId, name, other: null })
  return {
    pool: name => { const pool = poolOf.get(name); return pool && { ...pool, ha: pool.ha === 1 } },
    resource: (kind, poolId, name) => { const found = among(byKind[kind], poolId, name); return found && whole.get(found.id) },
    repo: (poolId, name) => among(repos, poolId, name), server: (poolId, name) => among(servers, poolId, name),
    ...(await loadKnown(reader)),
  }
}
