import type { InferOutput } from 'valibot'
import type { Principal } from './requests.js'
import type { managerMadeShape, managerStatusShape } from './shapes/service.js'

/** What `manager init` made. */
export type ManagerMade = InferOutput<typeof managerMadeShape>

/** How the manager of a farm is, as seen on its machine. */
export type ManagerStatus = InferOutput<typeof managerStatusShape>

/** How a manager is to be served; `farm` null: the current one. Port 0: any that is free. */
export interface ServeOrder { farm: string | null; listen: string; httpsPort: number; httpPort: number | null }

/** Where a manager answers. */
export interface Listening { url: string; httpUrl: string | null; farm: string; fingerprint: string }

/** The managers of the farms on this machine, as services. */
export interface ServiceKeeper {
  /** @param password the first password of who asks, where he has none yet; null: it stays @throws Refusal manager.initialised, manager.served, auth.denied, usage.password */
  init(principal: Principal, order: { farm: string | null; password: string | null; hosts: readonly string[]; force: boolean }): Promise<ManagerMade>
  /** Serves until `stop` aborts; then what is under way is ended in order. `log` gets the lines of the log. @throws Refusal manager.not-initialised, manager.served, manager.listen */
  serve(order: ServeOrder, stop: AbortSignal, onListening: (where: Listening) => Promise<void>, log: (line: string) => void): Promise<void>
  status(farm: string | null): Promise<ManagerStatus>
}
