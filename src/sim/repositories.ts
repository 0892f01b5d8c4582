import type { MountedRepository, StoredFiles } from '../host/ports.js'
import { lockDeviceFile, mountPointOf, repositoryFolders } from '../model/repositories.js'
import type { Reader } from '../store/store.js'
import { allColumns, repositoryTable, type RepositoryRow } from './schema.js'

/** What a server has mounted: every repository of its pool, while it is up. The root is mounted first. */
export async function mountedOn(reader: Reader, hostId: string): Promise<MountedRepository[]> {
  const rows = await reader.select<RepositoryRow & { used: number }>({ ...allColumns(repositoryTable), used: '(select coalesce(sum(f.size_mib), 0) from file f where f.repo_id = repository.id)' },
    `from repository where busy is null and pool_id = (select h.pool_id from host h where h.id = ? and h.power = 'on') order by root desc, id`, [hostId])
  return rows.map(row => {
    const mountPoint = mountPointOf(row.release, row.uuid, row.root === 1)
    return {
      id: row.id, device: row.device, kind: row.kind, uuid: row.uuid, root: row.root === 1, sizeMiB: row.size_mib, freeMiB: row.size_mib - row.used, mountPoint, folders: repositoryFolders,
      lockDevice: row.kind === 'nfs' ? `${mountPoint}/${lockDeviceFile}` : null,
    }
  })
}

/** What lies in a repository that a server has mounted; files on their way to it hold their room there, and are nobody's yet. */
export async function contentsOf(reader: Reader, hostId: string, repoId: string): Promise<StoredFiles[]> {
  const rows = await reader.select<{ objectId: string; sizeMiB: number; whole: number }>({ objectId: 'f.id', sizeMiB: 'f.size_mib', whole: 'f.whole' },
    `from file f join repository r on r.id = f.repo_id where r.id = ? and r.pool_id = (select h.pool_id from host h where h.id = ? and h.power = 'on') order by f.id`, [repoId, hostId])
  return rows.map(row => ({ ...row, whole: row.whole === 1 }))
}
