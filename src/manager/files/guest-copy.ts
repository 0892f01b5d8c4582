import type { Reader } from '../../store/store.js'
import type { NewGuest } from './new-guest.js'

/** A guest's configuration, as it is recorded. */
export interface GuestCopy { id: string; name: string; poolId: string; spec: Omit<NewGuest, 'details'>; details: Record<string, unknown> }

interface GuestRow {
  id: string; name: string; poolId: string; type: 'pv' | 'hvm'; os: string | null; vcpus: number; memoryMiB: number; diskMiB: number; ha: number; haPriority: number; owner: string; group: string | null
  visibility: NewGuest['visibility']; template: string | null; repoId: string | null; tags: string; preferred: string | null; details: string | null
}

/** The configurations of guests, by id. */
export async function loadGuests(reader: Reader, ids: readonly string[]): Promise<Map<string, GuestCopy>> {
  const rows = await reader.select<GuestRow>({
    id: 'g.id', name: 'g.name', poolId: 'g.pool_id', type: 'g.type', os: 'g.os', vcpus: 'g.vcpus', memoryMiB: 'g.memory_mib', diskMiB: 'g.disk_mib', ha: 'g.ha', haPriority: 'g.ha_priority', owner: 'g.owner', group: 'g.group_name',
    visibility: 'g.visibility', template: 'g.template', repoId: 'g.repo_id', tags: 'g.tags', preferred: 'g.preferred', details: 'd.details',
  }, 'from vm g left join vm_detail d on d.vm_id = g.id where g.id in (select value from json_each(?))', [JSON.stringify(ids)])
  return new Map(rows.map(({ id, name, poolId, ha, tags, preferred, details, ...rest }) => [id, {
    id, name, poolId, details: JSON.parse(details ?? '{}') as Record<string, unknown>,
    spec: { ...rest, ha: ha === 1, tags: JSON.parse(tags) as Record<string, string>, preferred: preferred === null ? [] : (JSON.parse(preferred) as string[]) },
  }]))
}
