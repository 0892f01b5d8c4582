import type { FetchOrder, FetchProgress, FileWork, LyingFiles, MountedRepository, Storage, StoredFiles, WorkTicket } from '../host/ports.js'
import type { TargetKind } from '../model/operations/row.js'
import { contentsOf, mountedOn } from './repositories.js'
import { fileTable, repositoryTable } from './schema.js'
import type { World } from './world.js'

/** The repositories as a simulated server sees them. What is outside of the farm is real: it is asked, and fetched, as by any other. */
export class SimStorage implements Storage {
  constructor(private readonly world: World, private readonly hostId: string) {}

  async begin({ job, session }: WorkTicket, work: FileWork): Promise<void> {
    await this.world.submit({ kind: 'files', hostId: this.hostId, ticket: { job, session }, work })
    // What had come so far of files that nobody wants any more.
    if (work.what === 'clear') await this.world.fetches.drop(work.objectId)
  }

  async measure({ source, proxy }: FetchOrder): Promise<number | null> {
    return (await import('../host/fetch/fetch-to.js')).sizeOf(source, { proxy })
  }

  fetching(): Promise<FetchProgress[]> {
    return this.world.fetchesOn(this.hostId)
  }

  stored(kinds: readonly TargetKind[]): Promise<LyingFiles[]> {
    return this.world.storedOn(this.hostId, kinds)
  }

  wipe(poolId: string): Promise<void> {
    return this.world.store.transact(async tx => {
      for (const table of [fileTable, repositoryTable]) await tx.run(`delete from ${table.name} where pool_id = ?`, [poolId])
    })
  }

  mounted(): Promise<MountedRepository[]> {
    return this.world.store.read(reader => mountedOn(reader, this.hostId))
  }

  contents(repoId: string): Promise<StoredFiles[]> {
    return this.world.store.read(reader => contentsOf(reader, this.hostId, repoId))
  }
}
