import { inOrder } from '../../model/tags.js'
import type { GuestFacts } from '../../model/guest-change.js'
import type { ServerState } from '../../model/object-states.js'
import { dom0MemoryMiB, vcpusPerCore } from '../../model/placement.js'
import type { Reader } from '../../store/store.js'
import type { ItemRecord } from '../run-records.js'
import type { FilesPool } from '../files/scene.js'
import { loadKnown, type Known } from '../people/known.js'
import { secretOf } from '../run-secrets.js'
import { loadRecorded, type RecordedGuest } from './recorded.js'

/** A guest that is to be changed: as it is recorded, and as its changes are judged. `preferredServers` are ids. */
export interface UpdateGuest extends RecordedGuest {
  name: string
  poolId: string
  pool: string
  poolHa: boolean
  inPool: Pick<FilesPool, 'name' | 'owner' | 'master'>
  startedAt: number | null
  facts: GuestFacts
  details: Record<string, unknown>
  boot: { vcpus: number; memoryMiB: number }
}

/** What changing guests looks at; `free` is what servers can still give, and `taken` which names guests have, as `POOL NAME`. */
export interface UpdateScene {
  guests: ReadonlyMap<string, UpdateGuest>
  servers: ReadonlyMap<string, { name: string; poolId: string; pool: string }>
  free: Map<string, { memoryMiB: number; vcpus: number }>
  taken: Set<string>
  /** whoever asks may give away only what is his own */
  ownOnly: string | null
  secret: string | null
  /** whom guests can belong to */
  known: Known
}

interface Row {
  id: string; name: string; poolId: string; pool: string; poolHa: number; poolOwner: string; master: string | null; masterState: ServerState | null; type: 'pv' | 'hvm'; os: string | null; vcpus: number; memoryMiB: number; ha: number; haPriority: number; owner: string; group: string | null; visibility: GuestFacts['visibility']
  tags: string; preferred: string | null; details: string | null; password: string | null; startedAt: number | null; bootVcpus: number | null; bootMemoryMiB: number | null
}

/** Loads what changing guests needs. @param names what some of them are to be called */
export async function loadUpdateScene(reader: Reader, run: { id: string; user: string }, items: readonly Pick<ItemRecord, 'targetId'>[], names: readonly string[]): Promise<UpdateScene> {
  const recorded = await loadRecorded(reader, items)
  const rows = await reader.select<Row>({
    id: 'g.id', name: 'g.name', poolId: 'g.pool_id', pool: 'p.name', poolHa: 'p.ha', poolOwner: 'p.owner', master: 'm.name', masterState: 'm.state', type: 'g.type', os: 'g.os', vcpus: 'g.vcpus', memoryMiB: 'g.memory_mib', ha: 'g.ha', haPriority: 'g.ha_priority', owner: 'g.owner', group: 'g.group_name',
    visibility: 'g.visibility', tags: 'g.tags', preferred: 'g.preferred', details: 'd.details', password: 'c.password', startedAt: 'g.started_at', bootVcpus: 'b.vcpus', bootMemoryMiB: 'b.memory_mib',
  }, `from vm g join pool p on p.id = g.pool_id left join server m on m.id = p.master_id left join vm_detail d on d.vm_id = g.id left join console c on c.vm_id = g.id left join vm_boot b on b.vm_id = g.id and b.started_at = g.started_at
    where g.id in (select value from json_each(?))`, [JSON.stringify(items.map(item => item.targetId))])
  const taken = names.length === 0 ? [] : await reader.select<{ poolId: string; name: string }>({ poolId: 'pool_id', name: 'name' }, 'from vm where name in (select value from json_each(?))', [JSON.stringify(names)])
  const servers = await reader.select<{ id: string; name: string; poolId: string; pool: string; memoryMiB: number; vcpus: number }>({
    id: 's.id', name: 's.name', poolId: 's.pool_id', pool: 'p.name', memoryMiB: `s.memory_mib - ${dom0MemoryMiB} - ${usedOn('memory_mib')}`, vcpus: `s.cores * ${vcpusPerCore} - ${usedOn('vcpus')}`,
  }, 'from server s join pool p on p.id = s.pool_id')
  const [user] = await reader.select<{ role: string }>({ role: 'role' }, 'from user where name = ?', [run.user])
  return {
    guests: new Map(rows.map(row => [row.id, guestOf(row, recorded.get(row.id)!)])),
    servers: new Map(servers.map(server => [server.id, server])), free: new Map(servers.map(({ id, memoryMiB, vcpus }) => [id, { memoryMiB, vcpus }])),
    taken: new Set(taken.map(row => `${row.poolId} ${row.name}`)), ownOnly: user?.role === 'user' ? run.user : null, secret: await secretOf(reader, run.id), known: await loadKnown(reader),
  }
}

/** What guests take of the server `s`; one that migrates takes room on both. */
function usedOn(column: string): string {
  return `(select coalesce(sum(u.${column}), 0) from vm u where u.server_id = s.id) - (select coalesce(sum(u.${column}), 0) from vm u where u.target_server_id = s.id)`
}

function guestOf(row: Row, recorded: RecordedGuest): UpdateGuest {
  const details = JSON.parse(row.details ?? '{}') as Record<string, unknown>
  const detail = <T>(field: string, otherwise: T) => (details[field] ?? otherwise) as T
  const { id: _, name, poolId, pool, type, os, vcpus, memoryMiB, haPriority, owner, group, visibility, password } = row
  return {
    ...recorded, name, poolId, pool, poolHa: row.poolHa === 1, inPool: { name: pool, owner: row.poolOwner, master: row.master === null ? null : { name: row.master, state: row.masterState! } }, startedAt: row.startedAt, details, boot: { vcpus: row.bootVcpus ?? vcpus, memoryMiB: row.bootMemoryMiB ?? memoryMiB },
    facts: {
      name, type, os, vcpus, memoryMiB, ha: row.ha === 1, haPriority, preferredServers: row.preferred === null ? [] : (JSON.parse(row.preferred) as string[]), cpuPriority: detail('cpuPriority', null), cpuCap: detail('cpuCap', null),
      bootDevice: detail('bootDevice', 'hdd'), owner, group, visibility, tags: inOrder(JSON.parse(row.tags) as Record<string, string>), keyboard: detail('keyboard', 'en-us'), description: detail('description', null), consolePassword: password,
      nics: detail('nics', []), cdrom: detail('cdrom', null),
    },
  }
}
