import type { InferOutput } from 'valibot'
import type { Principal } from './requests.js'
import type { backupShape, managerMadeShape, managerStatusShape, restoredShape } from './shapes/service.js'

/** What `manager init` made. */
export type ManagerMade = InferOutput<typeof managerMadeShape>

/** How the manager of a farm is, as seen on its machine. */
export type ManagerStatus = InferOutput<typeof managerStatusShape>

/** A backup that was written, or read. */
export type Backup = InferOutput<typeof backupShape>

/** What `manager restore` did. */
export type Restored = InferOutput<typeof restoredShape>

/** How a manager is to be served; `farm` null: the current one. Port 0: any that is free. */
export interface ServeOrder { farm: string | null; listen: string; httpsPort: number; httpPort: number | null }

/** Where a manager answers. */
export interface Listening { url: string; httpUrl: string | null; farm: string; fingerprint: string }

/** The managers of the farms on this machine, as services. */
export interface ServiceKeeper {
  /**
   * `password`: the first one of who asks, where he has none yet; null: it stays. `ask` asks him for it when one is needed and none was given; null: nobody can be asked.
   * @throws Refusal manager.initialised, manager.served, auth.denied, usage.password, store.*
   */
  init(principal: Principal, order: { farm: string | null; password: string | null; ask: ((user: string) => Promise<string>) | null; hosts: readonly string[]; force: boolean }): Promise<ManagerMade>
  /** Serves until `stop` aborts; then what is under way is ended in order. `log` gets the lines of the log. @throws Refusal manager.not-initialised, manager.served, manager.listen */
  serve(order: ServeOrder, stop: AbortSignal, onListening: (where: Listening) => Promise<void>, log: (line: string) => void): Promise<void>
  status(farm: string | null): Promise<ManagerStatus>
  /** Both databases as of one moment, with certificate and key, into one file that only its owner may read; while the farm is served or not. @throws Refusal auth.denied, manager.backup */
  backup(principal: Principal, farm: string | null, file: string): Promise<Backup>
  /** What is in a backup, after every byte of it was checked. @throws Refusal manager.backup */
  inspect(file: string): Backup
  /** Puts a backup in the place of its farm, or makes the farm anew. @throws Refusal manager.backup, manager.served, auth.denied */
  restore(principal: Principal, file: string): Promise<Restored>
}
