import type { FileWork, MountedRepository, Storage, StoredFiles, WorkTicket } from '../host/ports.js'
import { contentsOf, mountedOn } from './repositories.js'
import { fileTable, repositoryTable } from './schema.js'
import type { World } from './world.js'

/** The repositories as a simulated server sees them. */
export class SimStorage implements Storage {
  constructor(private readonly world: World, private readonly hostId: string) {}

  begin({ job, session }: WorkTicket, work: FileWork): Promise<void> {
    return this.world.submit({ kind: 'files', hostId: this.hostId, ticket: { job, session }, work })
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
