import type { FileWork, Storage, WorkTicket } from '../host/ports.js'
import type { World } from './world.js'

/** The repositories as a simulated server sees them. */
export class SimStorage implements Storage {
  constructor(private readonly world: World, private readonly hostId: string) {}

  begin({ job, session }: WorkTicket, work: FileWork): Promise<void> {
    return this.world.submit({ kind: 'files', hostId: this.hostId, ticket: { job, session }, work })
  }
}
